import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { readConfig } from '../../src/config.ts';
import { reasonOf } from '../../src/startup-error.ts';
import { documents, readBlocks, where } from './blocks.ts';
import { unknownCommands } from './command-lines.ts';

const blocks = documents().flatMap(readBlocks);
const of = (...languages: readonly string[]) => blocks.filter(({ language }) => languages.includes(language));

/** What may be said of a block of a language. Nothing: it is checked or run as its language is. */
const ALLOWED: Readonly<Record<string, readonly (string | undefined)[]>> = {
  ts: [undefined, 'file', 'run', 'continues', 'not run'],
  js: [undefined, 'file', 'run', 'continues', 'not run'],
  sh: [undefined, 'serve', 'until', 'exits', 'not run'],
  sql: [undefined, 'not run'],
  json: [undefined, 'file', 'output'],
  yaml: [undefined, 'file', 'not run'],
  dotenv: [undefined, 'file'],
  mermaid: [undefined],
  prisma: ['file', 'not run'],
  text: ['output', 'picture', 'file', 'not run'],
};

test('every block has a language, and a rule by which it is executed or checked', () => {
  const without = blocks.filter(({ language, rule }) => !ALLOWED[language]?.includes(rule));
  expect(without.map((block) => `${where(block)} ${block.language} ${block.rule ?? 'no rule'}`)).toEqual([]);
});

test('a block that is not run says why', () => {
  const silent = blocks.filter(({ rule, detail }) => rule === 'not run' && detail.length < 10);
  expect(silent.map(where)).toEqual([]);
});

test('commands that are not run here name commands, options, scripts and files that there are', () => {
  const wrong = of('sh').flatMap((block) => unknownCommands(block.text).map((line) => `${where(block)} ${line}`));
  expect(wrong).toEqual([]);
});

/** The blocks of a language of which `check` says what is wrong. */
function wrongOf(language: string, check: (text: string) => string | undefined): readonly string[] {
  return of(language).flatMap((block) => {
    const wrong = check(block.text);
    return wrong === undefined ? [] : [`${where(block)} ${wrong}`];
  });
}

/** What `read` complains about. */
function complaintOf(read: () => unknown): string | undefined {
  try {
    read();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

test('JSON and YAML parse', () => {
  expect(wrongOf('json', (text) => complaintOf(() => JSON.parse(text) as unknown))).toEqual([]);
  expect(wrongOf('yaml', (text) => parseAllDocuments(text).flatMap(({ errors }) => errors)[0]?.message)).toEqual([]);
});

test('a configuration is taken as it stands', () => {
  const parts = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const settings = (text: string) => Object.fromEntries(parts(text).map((line) => line.split(/=(.*)/s).slice(0, 2)));
  expect(wrongOf('dotenv', (text) => complaintOf(() => readConfig(settings(text))))).toEqual([]);
});

// As much of Mermaid's grammar as is used: what is not known here has to be looked at, and added.
const NODE = String.raw`\w+(\[".+?"\]|\(\[".+?"\]\)|\{".+?"\})?`;
const DIAGRAMS: Readonly<Record<string, RegExp>> = {
  'flowchart TD': new RegExp(`^ +${NODE}( -->(\\|[^|]+\\|)? ${NODE})*$`),
};

test('diagrams are of the grammar that is known here', () => {
  const check = (text: string) => {
    const [kind = '', ...lines] = text.split('\n');
    const grammar = DIAGRAMS[kind];
    return grammar === undefined ? kind : lines.find((line) => !grammar.test(line));
  };
  expect(wrongOf('mermaid', check)).toEqual([]);
});
