import { CLIENT_VARIABLES } from '../environment/client-variables.ts';
import { type SettingName, type Variable, VARIABLES } from '../environment/variables.ts';
import type { ServerCommand, ServerOption } from './command.ts';
import { EXIT_CODES_HELP } from './exit-codes.ts';
import { isSettingOption, SETTING_OPTIONS } from './options.ts';
import { CONNECTION_OPTIONS, type OptionSpecs, type Verb } from './verbs/verb.ts';
import { VERBS } from './verbs/verbs.ts';

type Row = readonly [name: string, text: string];

/** Of `key` and `init`, which read no configuration. */
const OWN_OPTIONS: Readonly<Record<'role' | 'name' | 'package', Row>> = {
  role: ['--role ROLE', 'viewer, starter or operator'],
  package: ['--name NAME', "what the project's package is called. Default: as its folder"],
  name: ['--name NAME', 'what the audit calls whoever uses it. Default: the role and the beginning of its hash'],
};

type Commands = Readonly<Record<string, ServerCommand>>;

const HELP_OPTION: Row = ['-h, --help', 'this text'];

/** The help of the whole program, or of what `words` name: a command, a group of verbs, a verb. Undefined where nothing has that name. */
export function helpOf(words: readonly string[], commands: Commands): string | undefined {
  const [name = ''] = words;
  if (name === '') return topHelp(commands);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command !== undefined) return commandHelp(name, command);
  const verbs = VERBS.filter(({ path }) => words.every((word, at) => path[at] === word));
  const [only] = verbs;
  if (verbs.length === 1 && only?.path.length === words.length) return verbHelp(only);
  return verbs.length === 0 ? undefined : groupHelp(words, verbs);
}

function topHelp(commands: Commands): string {
  return text([
    'Usage: backstep <command> [options]',
    section(
      'Run it',
      Object.entries(commands).map(([name, { summary }]): Row => [name, summary]),
    ),
    section('Operate it, through its API', VERBS.map(rowOf)),
    section('Help', [
      ['help COMMAND', 'the options of a command, with examples: backstep help sagas list'],
      ['COMMAND --help', 'the same'],
    ]),
    section('Environment', settingRows(VARIABLES)),
    section('Environment of the commands that talk to the API', settingRows(CLIENT_VARIABLES)),
    exitCodes(),
  ]);
}

function commandHelp(name: string, { summary, operand, options, settings, examples }: ServerCommand): string {
  return text([
    `Usage: backstep ${[name, operand, options.length === 0 ? undefined : '[options]'].filter(Boolean).join(' ')}`,
    sentence(summary),
    section('Options', [...options.map(serverOptionRow), HELP_OPTION]),
    ...(settings.length === 0 ? [] : [section('Environment', settings.map(settingRow))]),
    examplesOf(examples),
  ]);
}

function groupHelp(words: readonly string[], verbs: readonly Verb[]): string {
  const name = words.join(' ');
  return text([
    `Usage: backstep ${name} <verb> [options]`,
    section('Verbs', verbs.map(rowOf)),
    `backstep help ${name} VERB tells its options.`,
  ]);
}

function verbHelp({ path, summary, notes = [], args = [], options, examples }: Verb): string {
  const usage = ['backstep', ...path, ...args.map(({ name }) => name), '[options]'].join(' ');
  return text([
    `Usage: ${usage}`,
    [sentence(summary), ...notes].join('\n'),
    ...(args.length === 0
      ? []
      : [
          section(
            'Arguments',
            args.map((arg): Row => [arg.name, arg.text]),
          ),
        ]),
    section('Options', optionRows({ ...options, ...CONNECTION_OPTIONS })),
    examplesOf(examples),
    exitCodes(),
  ]);
}

/** What it is for, and what holds without it. */
export function describeVariable({ text, fallback, otherwise }: Variable): string {
  if (fallback !== undefined) return `${text}. Default ${fallback}`;
  return otherwise === undefined ? text : `${text}. Default: ${otherwise}`;
}

const settingRow = (name: SettingName): Row => [name, describeVariable(VARIABLES[name])];

const settingRows = (variables: Readonly<Record<string, Variable>>) =>
  Object.entries(variables).map(([name, variable]): Row => [name, describeVariable(variable)]);

function serverOptionRow(name: ServerOption): Row {
  if (!isSettingOption(name)) return OWN_OPTIONS[name];
  const { setting, value } = SETTING_OPTIONS[name];
  const often = name === 'sagas' ? 'several are given one by one; ' : '';
  return [`--${name} ${value}`, `${often}as ${setting}: ${describeVariable(VARIABLES[setting])}`];
}

const rowOf = ({ path, args = [], summary }: Verb): Row => [
  [...path, ...args.map(({ name }) => name)].join(' '),
  summary.charAt(0).toLowerCase() + summary.slice(1),
];

const optionRows = (specs: OptionSpecs): readonly Row[] =>
  Object.entries(specs).map(([name, { value, text }]) => [
    value === undefined ? `--${name}` : `--${name} ${value}`,
    text,
  ]);

const exitCodes = () =>
  section(
    'Exit codes',
    EXIT_CODES_HELP.map(([code, meaning]): Row => [String(code), meaning]),
  );

/** A line that begins with another program is shown as it is. */
const examplesOf = (examples: readonly string[]) =>
  ['Examples', ...examples.map((line) => (line.includes('| backstep') ? `  ${line}` : `  backstep ${line}`))].join(
    '\n',
  );

/** Names wider than this have their text on a line of its own. */
const WIDEST_NAME = 34;

function section(title: string, rows: readonly Row[]): string {
  const width = Math.max(...rows.map(([name]) => (name.length > WIDEST_NAME ? 0 : name.length)));
  const lines = rows.map(([name, text]) =>
    name.length > width ? `  ${name}\n${' '.repeat(width + 4)}${text}` : `  ${name.padEnd(width)}  ${text}`,
  );
  return [title, ...lines].join('\n');
}

const sentence = (line: string) => `${line.charAt(0).toUpperCase()}${line.slice(1)}.`;

const text = (parts: readonly string[]) => `${parts.join('\n\n')}\n`;
