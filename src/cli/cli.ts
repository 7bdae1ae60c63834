import { reasonOf, StartupError } from '../startup-error.ts';
import { CliError, usageError } from './cli-error.ts';
import { COMMANDS } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { helpOf } from './help.ts';
import { harmless, jsonText } from './output/text.ts';
import { asksForHelp } from './verbs/parse.ts';
import { runVerb } from './verbs/run-verb.ts';
import { VERBS } from './verbs/verbs.ts';
import { processWorld, type World } from './verbs/world.ts';

/** The command line. Returns the exit code; what goes wrong is one line on stderr, or a problem document with `--json`. */
export async function runCli(words: readonly string[], world: World = processWorld()): Promise<number> {
  try {
    return await dispatch(words, world);
  } catch (error) {
    const failure = error instanceof CliError ? error : unexpected(error);
    await tell(failure, words.includes('--json'), world);
    return failure.exitCode;
  }
}

async function dispatch(words: readonly string[], world: World): Promise<number> {
  const [name = '', ...rest] = words;
  const commands = commandsOf(world);
  if (name === '') return help([], world, EXIT.usage);
  if (name === '--help' || name === '-h') return help([], world);
  if (name === 'help') return help(rest, world);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) return dispatchVerb(words, world);
  return asksForHelp(rest) ? help([name], world) : command.run(rest, world.stdout, world.example);
}

const commandsOf = ({ example }: World) => ({ ...COMMANDS, ...example?.commands });

function help(words: readonly string[], world: World, code: number = EXIT.done): number {
  const text = helpOf(words, commandsOf(world));
  if (text === undefined) throw unknown(words, world);
  world.stdout.write(text);
  return code;
}

async function dispatchVerb(words: readonly string[], world: World): Promise<number> {
  const verb = VERBS.find(({ path }) => path.every((word, at) => words[at] === word));
  const names = verb?.path ?? words.filter((word) => !word.startsWith('-')).slice(0, 2);
  if (asksForHelp(words)) return help(names, world);
  if (verb === undefined) throw unknown(names, world);
  return runVerb(verb, words.slice(verb.path.length), world);
}

function unknown([name = '', verb]: readonly string[], world: World): CliError {
  const verbs = VERBS.filter(({ path }) => path.length > 1 && path[0] === name).map(({ path }) => path[1]);
  if (verbs.length > 0 && verb === undefined) return usageError(`${name}: expected a verb: ${verbs.join(', ')}`);
  if (verbs.length > 0) return usageError(`Unknown verb ${name} ${verb}: expected ${verbs.join(', ')}`);
  const names = new Set([...Object.keys(commandsOf(world)), ...VERBS.map(({ path }) => path[0])]);
  return usageError(`Unknown command ${name}: expected ${[...names].join(', ')}`);
}

function unexpected(error: unknown): CliError {
  const title = error instanceof StartupError ? 'Cannot start' : 'Unexpected';
  const code = error instanceof StartupError ? 'STARTUP' : 'UNEXPECTED';
  const message = error instanceof StartupError ? error.message : `Unexpected ${describe(error)}`;
  const problem = { type: 'about:blank', title, detail: message, code };
  return new CliError(EXIT.unexpected, message, { problem, cause: error });
}

/** A parent that forked us says it in its own words. */
async function tell({ message, details, problem }: CliError, json: boolean, world: World): Promise<void> {
  const { stderr, tellParent } = world;
  const lines = [`backstep: ${message}`, ...details.map((detail) => `  ${detail}`)];
  // Waited for: the process ends after this.
  if (tellParent) await tellParent({ startFailure: message });
  else stderr.write(json ? `${jsonText(problem)}\n` : lines.map((line) => `${harmless(line)}\n`).join(''));
}

function describe(error: unknown): string {
  const where = error instanceof Error ? /\n\s+(at .+)/.exec(error.stack ?? '')?.[1] : undefined;
  return `${error instanceof Error ? error.name : 'error'}: ${reasonOf(error)}${where === undefined ? '' : ` (${where})`}`;
}
