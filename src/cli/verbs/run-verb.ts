import { type ClientConfig, readClientConfig } from '../../config.ts';
import { reasonOf, StartupError } from '../../startup-error.ts';
import { usageError } from '../cli-error.ts';
import { createApi } from '../client/api.ts';
import { createHttpClient } from '../client/http.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { createTerminal } from '../output/terminal.ts';
import { parseCall } from './parse.ts';
import type { Verb, VerbCall } from './verb.ts';
import type { World } from './world.ts';

/** Runs a verb with the words behind its name. Throws a `CliError`. */
export async function runVerb(verb: Verb, words: readonly string[], world: World): Promise<ExitCode> {
  const { args, options } = parseCall(verb, words);
  const { apiUrl, apiKey, colours } = await configOf(options, world);
  const terminal = createTerminal({ stdout: world.stdout, stderr: world.stderr, colours });
  const api = createApi(createHttpClient({ url: apiUrl, key: apiKey }));
  const call = { ...world, args, options, terminal, api };
  endQuietlyOnClosedPipe(world);
  const code = await verb.run(call as VerbCall);
  // The process ends after this, and a pipe may still be full.
  await new Promise((resolve) => world.stdout.write('', resolve));
  return code;
}

/** A pipe whose reader has seen enough (`| head`) is no failure, and nothing more can be told. */
function endQuietlyOnClosedPipe({ stdout }: World): void {
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
}

type Options = Readonly<Record<string, string | boolean | undefined>>;

async function configOf(options: Options, { env, readText }: World): Promise<ClientConfig> {
  const { url, 'key-file': keyFile } = options;
  const given = {
    ...(typeof url === 'string' ? { BACKSTEP_URL: url } : {}),
    ...(typeof keyFile === 'string' ? { BACKSTEP_KEY: await readKey(keyFile, readText) } : {}),
  };
  try {
    return readClientConfig(given, env);
  } catch (error) {
    throw error instanceof StartupError ? usageError(error.message, error) : error;
  }
}

async function readKey(file: string, readText: World['readText']): Promise<string> {
  const key = await readText(file).catch((error: unknown) => {
    throw usageError(`--key-file: ${file} cannot be read: ${reasonOf(error)}`, error);
  });
  if (key.trim() === '') throw usageError(`--key-file: ${file} is empty: expected an API key`);
  return key.trim();
}
