/** Writes the table of the API's codes into docs/errors.md. */
import { readFile, writeFile } from 'node:fs/promises';
import { REFUSALS } from '../src/http/refusals.ts';

const target = new URL('../docs/errors.md', import.meta.url);
const BETWEEN = /(<!-- the codes of src\/http\/refusals\.ts: npm run errors -->\n)[^]*(<!-- until here -->)/;

const rows = Object.entries(REFUSALS)
  .sort(([a, { status }], [b, other]) => status - other.status || a.localeCompare(b))
  .map(([code, { status, meaning, todo }]) => `| \`${code}\` | ${status} | ${meaning} | ${todo} |\n`);
const table = `| code | status | what happened | what to do |\n| --- | --- | --- | --- |\n${rows.join('')}`;

const text = await readFile(target, 'utf8');
await writeFile(
  target,
  text.replace(BETWEEN, (_all, begin: string, end: string) => `${begin}${table}${end}`),
);
