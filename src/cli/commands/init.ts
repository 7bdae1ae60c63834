import { basename, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { reasonOf } from '../../startup-error.ts';
import { usageError } from '../cli-error.ts';
import { ownVersion, writeStarter } from '../starter.ts';

/** What npm takes as a package's name, without a scope. */
const NAME = /^[a-z0-9][a-z0-9._-]{0,213}$/;

/** Writes a runnable starter into an empty folder. Throws a `CliError`: usage, or conflict where the folder is not empty. */
export async function init(args: readonly string[], stdout: { write(text: string): unknown }): Promise<number> {
  const { folder, name } = readArgs(args);
  const files = await writeStarter(folder, { name, version: await ownVersion() });
  const here = relative(process.cwd(), folder);
  const lines = [
    `Wrote ${name}, ${files.length} files: ${files.join(', ')}`,
    'Next:',
    ...(here === '' ? [] : [`  cd ${here}`]),
    '  npm install',
    '  npm test',
    '  npm start',
  ];
  stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function readArgs(args: readonly string[]): { folder: string; name: string } {
  const { positionals, values } = parse(args);
  if (positionals.length > 1) throw usageError(`Expected one folder, got ${positionals.join(' ')}`);
  const folder = resolve(positionals[0] ?? '.');
  const name = values.name ?? basename(folder);
  if (!NAME.test(name))
    throw usageError(
      `--name: expected small letters, digits, dots, dashes and underscores, as npm does, got ${JSON.stringify(name)}`,
    );
  return { folder, name };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: { name: { type: 'string' } } });
  } catch (error) {
    throw usageError(`${reasonOf(error)} Run backstep help init for what there is`, error);
  }
}
