import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, createExposition, createMetrics, defineSaga } from '../../src/index.ts';
import type { Fact } from '../../src/index.ts';
import { samplesOf } from '../support/metrics.ts';
import { scrapeTarget } from '../support/scrape-target.ts';

// What is deployed beside the product has to ask for what the product says: a misspelt metric alerts nobody.

const of = { type: 'TRIP', step: 'BOOK' } as const;
const trip = defineSaga('TRIP', { input: z.object({}) }).step('BOOK', {
  execute: () => undefined,
  compensate: NOTHING_TO_UNDO,
});
const ONE_OF_EACH: readonly Fact[] = [
  { kind: 'saga', type: 'TRIP', status: 'COMPLETED', ageMs: 1 },
  { kind: 'step', ...of, outcome: 'done', durationMs: 1 },
  { kind: 'retry', ...of },
  { kind: 'compensation', ...of, outcome: 'compensated' },
  { kind: 'flush', journal: 'steps', entries: 1, durationMs: 1 },
  { kind: 'repair', repair: 'rebuilt' },
  { kind: 'notice', event: 'saga.parked', outcome: 'delivered' },
  { kind: 'stall', queue: 'saga-steps' },
  { kind: 'hand-over', queue: 'saga-steps' },
];

/** The names of all metrics, and the labels each may have. Prometheus adds where it has a sample from. */
let exposed: Map<string, Set<string>>;

beforeAll(async () => {
  const metrics = createMetrics({ sagas: [trip], pool: () => ({ total: 1, idle: 1, waiting: 0 }) });
  for (const fact of ONE_OF_EACH) metrics.meter.note(fact);
  const text = await createExposition({ metrics, target: scrapeTarget() }).text();
  exposed = new Map();
  for (const sample of samplesOf(text).keys()) {
    const [name = '', labels = ''] = sample.split(/[{}]/);
    const known = exposed.get(name) ?? new Set(['instance', 'job']);
    for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
    exposed.set(name, known);
  }
});

async function dashboardQueries(): Promise<readonly string[]> {
  const text = await readFile('deploy/grafana/backstep.json', 'utf8');
  const { panels } = JSON.parse(text) as { panels: { targets?: { expr: string }[] }[] };
  return panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
}

async function alertQueries(): Promise<readonly string[]> {
  const text = await readFile('deploy/prometheus/alerts.yaml', 'utf8');
  const found = [...text.matchAll(/expr: (?:\|\n((?: {10,}.*\n)+)|(.+))/g)];
  return found.map(([, block, line]) => block ?? line ?? '');
}

const namesIn = (query: string) => [...new Set(query.match(/\b(?:saga|backstep|nodejs|process)_\w+/g))];

/** What the query asks for that there is not. */
function missingFrom(query: string): readonly string[] {
  const missing = namesIn(query).filter((name) => !exposed.has(name));
  for (const [, name = '', matchers = ''] of query.matchAll(/(\w+)\{([^}]*)\}/g))
    for (const [, label = ''] of matchers.matchAll(/(\w+)=/g))
      if (exposed.get(name)?.has(label) !== true) missing.push(`${name}{${label}}`);
  for (const [, labels = ''] of query.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of labels.split(/, ?/))
      if (!namesIn(query).every((name) => exposed.get(name)?.has(label))) missing.push(`by (${label}): ${query}`);
  return missing;
}

describe.each([
  ['the dashboard', dashboardQueries, 25],
  ['the alert rules', alertQueries, 8],
])('%s', (_name, read, least) => {
  test('asks only for metrics and labels that there are', async () => {
    const queries = await read();
    expect(queries.length).toBeGreaterThanOrEqual(least);
    expect(queries.flatMap(missingFrom)).toEqual([]);
    expect(queries.filter((query) => namesIn(query).length === 0)).toEqual([]);
  });
});

test('the dashboard shows every metric of our own', async () => {
  const shown = new Set((await dashboardQueries()).flatMap(namesIn).map(base));
  const own = new Set([...exposed.keys()].filter((name) => /^(?:saga|backstep)_/.test(name)).map(base));
  expect([...own].filter((name) => !shown.has(name))).toEqual([]);
});

const base = (name: string) => name.replace(/_(?:bucket|sum|count)$/, '');

test('a query for what there is not is found', () => {
  expect(missingFrom('sum by (kind) (saga_totals{state="X"}) / saga_parked{type="X",step="Y"}')).toEqual([
    'saga_totals',
    'saga_totals{state}',
    'saga_parked{step}',
    expect.stringContaining('by (kind)'),
  ]);
});
