import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/commands.ts';
import { helpOf } from '../../src/cli/help.ts';
import { billingExample } from '../../src/example/example.ts';

const { scripts } = z
  .object({ scripts: z.record(z.string(), z.string()) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** What npm does by itself. */
const NPM = new Set(['install', 'ci', 'pack', 'init', 'version', 'exec', 'pkg', 'publish']);
/** Options of `kubectl` and `docker compose` whose value is a path of this repository. */
const PATH_OPTIONS = new Set(['-f', '-k', '--file', '--kustomize', '--filename']);

/** The commands of a shell block that name what is not there: an option, a script, a file of ours. What is run tells by itself. */
export function unknownCommands(text: string): readonly string[] {
  return commandsIn(text).flatMap((words) => {
    const wrong = wrongIn(words);
    return wrong === undefined ? [] : [`${words.join(' ')}: ${wrong}`];
  });
}

/** Without assignments, comments and what is quoted. */
function commandsIn(text: string): readonly (readonly string[])[] {
  return text
    .replaceAll(/\\\n/g, ' ')
    .replaceAll(/(^|\s)#.*$/gm, '')
    .replaceAll(/'[^']*'|"[^"]*"/g, 'quoted')
    .split(/\n|&&|\|\|?|;/)
    .map((command) =>
      command
        .trim()
        .split(/\s+/)
        .filter((word) => word !== ''),
    )
    .map((words) =>
      words.slice(words.findIndex((word) => !/^\w+=/.test(word) && !['export', 'npx', 'sudo'].includes(word))),
    )
    .filter((words) => words.length > 0);
}

function wrongIn([program = '', ...words]: readonly string[]): string | undefined {
  if (program === 'backstep') return wrongInBackstep(words);
  if (program === 'npm') return wrongInNpm(words);
  if (program === 'kubectl' || program === 'docker') return missingPath(words);
  return undefined;
}

const commands = { ...COMMANDS, ...billingExample.commands };

function wrongInBackstep(words: readonly string[]): string | undefined {
  if (words[0] === 'help' || words[0] === '--help') return undefined;
  const help = helpOf(words.slice(0, 2), commands) ?? helpOf(words.slice(0, 1), commands);
  if (help === undefined || words.length === 0) return 'there is no such command';
  const options = words.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/=.*/, ''));
  return options.find((option) => !new RegExp(`${option}\\b`).test(help));
}

function wrongInNpm([verb = '', name = '']: readonly string[]): string | undefined {
  const script = verb === 'run' ? name : verb;
  if (NPM.has(verb) || Object.hasOwn(scripts, script)) return undefined;
  return `there is no script ${script}`;
}

function missingPath(words: readonly string[]): string | undefined {
  const paths = words.filter((_, at) => PATH_OPTIONS.has(words[at - 1] ?? ''));
  // One without a folder is the reader's own.
  return paths.find((path) => /^\w[\w.-]*\//.test(path) && !existsSync(path));
}
