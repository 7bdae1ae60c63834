import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { RESOLUTIONS, type TaskKind } from '../../src/core/task.ts';
import { ROUTES } from '../../src/http/routes.ts';

// What a page lists is all there is.

const KINDS = {
  COMPENSATION_FAILED: true,
  MANUAL_COMPENSATION: true,
  UNKNOWN_OUTCOME: true,
  LATE_RESULT: true,
} satisfies Record<TaskKind, true>;

const read = (file: string) => readFileSync(file, 'utf8');

/** Those that the page does not have in code. */
function missingIn(file: string, names: readonly string[]): readonly string[] {
  const code = [...read(file).matchAll(/`([^`\n]+)`/g)].map(([, text = '']) => text).join('\n');
  return names.filter((name) => !code.includes(name));
}

test('the handbook has every kind of task and every resolution', () => {
  expect(missingIn('docs/operators.md', [...Object.keys(KINDS), ...RESOLUTIONS])).toEqual([]);
});

test('docs/http.md has every route', () => {
  const paths = ROUTES.map(({ path }) => path.replaceAll(/:(\w+)/g, '{$1}'));
  expect(missingIn('docs/http.md', paths)).toEqual([]);
});

test('docs/metrics.md has every metric of our own', () => {
  const sources = readdirSync('src/metrics').map((name) => read(join('src/metrics', name)));
  const names = sources.flatMap((source) => [...source.matchAll(/'((?:saga|backstep)_[a-z_]+)'/g)]);
  expect(names.length).toBeGreaterThan(10);
  expect(
    missingIn(
      'docs/metrics.md',
      names.map(([, name = '']) => name),
    ),
  ).toEqual([]);
});
