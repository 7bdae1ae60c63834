import { readdir, readFile } from 'node:fs/promises';
import { EXIT_CODES_HELP } from '../../src/cli/exit-codes.ts';
import { REFUSALS } from '../../src/http/refusals.ts';

// docs/errors.md has each code that the sources have, and no other.

const ROOT = new URL('../../', import.meta.url).pathname;

/** The texts of the files below a folder whose path fits. */
async function sourcesOf(folder: string, name: RegExp = /\.ts$/): Promise<string> {
  const paths = (await readdir(ROOT + folder, { recursive: true })).filter((path) => name.test(path));
  if (paths.length === 0) throw new Error(`Nothing in ${folder} is ${String(name)}`);
  const texts = await Promise.all(paths.map((path) => readFile(`${ROOT}${folder}/${path}`, 'utf8')));
  return texts.join('\n');
}

const found = (text: string, pattern: RegExp) =>
  [...new Set([...text.matchAll(pattern)].map((match) => match.slice(1).join(' ')))].sort();

/** The rows of the table below a heading: their cells. */
async function rowsBelow(heading: string): Promise<string[][]> {
  const text = await readFile(`${ROOT}docs/errors.md`, 'utf8');
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return [...section.matchAll(/^\| (?!---|code |exit )(.+) \|$/gm)].map(([, cells = '']) =>
    cells.split(' | ').map((cell) => cell.replace(/^`([A-Z_]+)`$/, '$1')),
  );
}

const codesBelow = async (heading: string) => (await rowsBelow(heading)).map(([code]) => code ?? '').sort();

test('the table of the API is that of src/http/refusals.ts; `npm run errors` writes it', async () => {
  const rows = (await rowsBelow('The API')).map(([code = '', ...cells]) => [code, cells]);
  const told = Object.entries(REFUSALS).map(([code, { status, meaning, todo }]) => [
    code,
    [`${status}`, meaning, todo],
  ]);
  expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(told));
});

test('each code of it is answered somewhere', async () => {
  const sources = await sourcesOf('src', /(?<!core\/errors)\.ts$/);
  const unused = Object.keys(REFUSALS).filter((code) => sources.split(`'${code}'`).length < 2);
  expect(unused).toEqual([]);
});

test('the API refuses with codes of the table only', async () => {
  const sources = await sourcesOf('src/http');
  expect(found(sources, /new HttpError\(([^)]*?),/g)).toEqual(['REFUSALS[code].status', 'status']);
});

test("Bull Board's words are those of the version that is installed", async () => {
  const dist = await sourcesOf('node_modules/@bull-board/api/dist', /\.js$/);
  const own = found(dist, /ERRORS\.([A-Z_]+)/g).filter((word) => !word.endsWith('_DETAILS'));
  const [, sentence = ''] =
    /the words of Bull Board(.+?)\n\n/s.exec(await readFile(`${ROOT}docs/errors.md`, 'utf8')) ?? [];
  const known = ['FORBIDDEN', 'INTERNAL_SERVER_ERROR'];
  expect([...found(sentence, /`([A-Z_]+)`/g), ...known].sort()).toEqual([...own, 'REFUSED'].sort());
});

test("the billing example's codes are there with their statuses", async () => {
  const thrown = found(await sourcesOf('src/sagas'), /new HttpError\((\d+), '([A-Z_]+)'/g);
  const rows = await rowsBelow('The routes of a saga module');
  expect(rows.map(([code, status]) => `${status} ${code}`).sort()).toEqual(thrown);
});

test('the exit codes are those that `backstep help` shows', async () => {
  const rows = (await rowsBelow('The command line')).filter(([code = '']) => /^\d$/.test(code));
  expect(rows).toEqual(EXIT_CODES_HELP.map(([code, meaning]) => [String(code), meaning]));
});

test("the command line's own codes are there", async () => {
  const rows = await codesBelow('The command line');
  const codes = found(await sourcesOf('src/cli', /^cli(-error)?\.ts$/), /'([A-Z]+(?:_[A-Z]+)*)'/g);
  expect(rows.filter((code) => !/^\d$/.test(code))).toEqual(codes.filter((code) => code.length > 2));
});

test("the migrations' codes are there", async () => {
  const type =
    /type MigrationErrorCode =([^;]+);/.exec(await sourcesOf('src/store/database', /^migrate\.ts$/))?.[1] ?? '';
  expect(await codesBelow('A process that does not start')).toEqual(found(type, /'([A-Z_]+)'/g));
});
