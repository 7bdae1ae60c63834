import { parseArgs } from 'node:util';
import { reasonOf } from '../../startup-error.ts';
import { usageError } from '../cli-error.ts';
import { CONNECTION_OPTIONS, type OptionSpecs, type Verb } from './verb.ts';

type Values = Readonly<Record<string, string | boolean | undefined>>;

export interface ParsedCall {
  readonly args: Readonly<Record<string, string>>;
  readonly options: Values;
}

/** Reads what follows the verb's name. Throws a usage error that says what is missing, unknown or too much. */
export function parseCall(verb: Verb, words: readonly string[]): ParsedCall {
  const specs: OptionSpecs = { ...verb.options, ...CONNECTION_OPTIONS };
  const { values, positionals } = parseWords(verb, specs, words);
  const args = nameArguments(verb, positionals);
  for (const [name, { required = false, value }] of Object.entries(specs)) {
    const given = values[name];
    if (required && (typeof given !== 'string' || given.trim() === ''))
      throw complaint(verb, `--${name} ${value} is missing`);
  }
  return { args, options: values };
}

/** Whether help is asked for, whatever else is wrong. */
export function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? undefined : end).some((word) => word === '--help' || word === '-h');
}

function parseWords(verb: Verb, specs: OptionSpecs, words: readonly string[]) {
  const options = Object.fromEntries(Object.entries(specs).map(([name, { type }]) => [name, { type }]));
  try {
    const { values, positionals } = parseArgs({ args: [...words], options, allowPositionals: true });
    return { values: values as Values, positionals };
  } catch (error) {
    throw complaint(verb, firstSentence(reasonOf(error)), error);
  }
}

/** What `parseArgs` adds is about positional arguments that look like options. */
const firstSentence = (text: string) => text.replace(/\. .*$/, '').replace(/\.$/, '');

function nameArguments(verb: Verb, given: readonly string[]): Readonly<Record<string, string>> {
  const { args = [] } = verb;
  const missing = args.slice(given.length).map(({ name }) => name);
  if (missing.length > 0) throw complaint(verb, `${missing.join(' and ')} missing`);
  if (given.length > args.length)
    throw complaint(
      verb,
      `expected ${args.length || 'no'} argument${args.length === 1 ? '' : 's'}, got ${given.length}`,
    );
  return Object.fromEntries(args.map(({ name }, at) => [name, given[at] ?? '']));
}

function complaint({ path }: Verb, what: string, cause?: unknown): Error {
  const name = path.join(' ');
  return usageError(`${name}: ${what}; backstep help ${name} says how it is used`, cause);
}
