import { expect, test } from '@jest/globals';
import { pino } from 'pino';
import { register } from 'prom-client';
import request from 'supertest';
import { z } from 'zod';
import { metricsListener } from '../../src/http/metrics-listener.ts';
import { NOTHING_TO_UNDO, createExposition, createMetrics, defineSaga } from '../../src/index.ts';
import { guardMeter } from '../../src/metrics/meter.ts';
import { checkedApp } from '../support/checked-app.ts';
import { samplesNamed, samplesOf } from '../support/metrics.ts';
import { recordingRunner } from '../support/recording-runner.ts';
import { scrapeTarget } from '../support/scrape-target.ts';

const trip = defineSaga('TRIP', { input: z.object({}) })
  .step('BOOK', { execute: () => undefined, compensate: NOTHING_TO_UNDO })
  .step('PAY', { execute: () => undefined, compensate: NOTHING_TO_UNDO });
const create = () => createMetrics({ sagas: [trip] });
const never = () => new Promise<never>(() => undefined);

test('a type or a step without code here is called other', async () => {
  const metrics = create();
  for (const [type, step] of [
    ['TRIP', 'PAY'],
    ['TRIP', 'GUESSED'],
    ['GUESSED', 'PAY'],
    ['__proto__', 'constructor'],
  ] as const)
    metrics.meter.note({ kind: 'retry', type, step });
  const text = await createExposition({ metrics }).text();
  expect(samplesNamed(text, 'saga_retry_count')).toEqual({
    'saga_retry_count{type="TRIP",step="BOOK"}': 0,
    'saga_retry_count{type="TRIP",step="PAY"}': 1,
    'saga_retry_count{type="TRIP",step="other"}': 1,
    'saga_retry_count{type="other",step="other"}': 2,
  });
});

test('what has not happened is counted as zero from the beginning', async () => {
  const samples = samplesOf(await createExposition({ metrics: create() }).text());
  for (const name of [
    'saga_total{type="TRIP",status="TIMEOUT"}',
    'backstep_repairs_total{kind="rebuilt"}',
    'backstep_stalls_total{queue="saga-steps"}',
    'backstep_hand_overs_total{queue="saga-outcomes"}',
    'backstep_scrape_errors_total{source="database"}',
  ])
    expect([name, samples.get(name)]).toEqual([name, 0]);
});

test('a saga has a duration once it has ended, and a parked one has none', async () => {
  const metrics = create();
  metrics.meter.note({ kind: 'saga', type: 'TRIP', status: 'FAILED', ageMs: 9_000 });
  metrics.meter.note({ kind: 'saga', type: 'TRIP', status: 'CANCELLED', ageMs: 2_000 });
  const samples = samplesOf(await createExposition({ metrics }).text());
  expect(samples.get('saga_duration_seconds_count{type="TRIP"}')).toBe(1);
  expect(samples.get('saga_duration_seconds_sum{type="TRIP"}')).toBe(2);
});

test('a meter that fails disturbs nobody, and is complained of once', () => {
  const complaints: unknown[] = [];
  const broken = new Error('broken');
  const note = () => {
    throw broken;
  };
  const meter = guardMeter({ note }, (error) => complaints.push(error));
  meter.note({ kind: 'stall', queue: 'saga-steps' });
  meter.note({ kind: 'stall', queue: 'saga-steps' });
  expect(complaints).toEqual([broken]);
});

test("prom-client's registry for all is left empty", () => {
  create();
  expect(register.getMetricsAsArray()).toEqual([]);
});

test('tables and queues are gauges, and the backlog is of sagas', async () => {
  const text = await createExposition({ metrics: create(), target: scrapeTarget() }).text();
  expect(samplesNamed(text, 'saga_unfinished')).toEqual({
    'saga_unfinished{type="TRIP",status="RUNNING"}': 3,
    'saga_unfinished{type="TRIP",status="COMPENSATING"}': 0,
  });
  expect(samplesNamed(text, 'saga_parked')).toEqual({ 'saga_parked{type="TRIP"}': 2, 'saga_parked{type="other"}': 1 });
  expect(samplesNamed(text, 'backstep_open_tasks')).toEqual({ 'backstep_open_tasks{kind="MANUAL_COMPENSATION"}': 3 });
  const samples = samplesOf(text);
  expect(samples.get('backstep_backlog_jobs')).toBe(8);
  expect(samples.get('backstep_workers')).toBe(2);
  expect(samples.get('backstep_oldest_ready_age_seconds')).toBe(1.5);
  expect(samples.get('backstep_jobs{queue="events",state="waiting"}')).toBe(100);
});

test('a database that does not answer is left out, counted, and not asked again meanwhile', async () => {
  let asked = 0;
  const figures = () => {
    asked += 1;
    return never();
  };
  const exposition = createExposition({ metrics: create(), target: scrapeTarget({ figures }) });
  await exposition.text();
  const text = await exposition.text();
  expect(samplesNamed(text, 'saga_parked')).toEqual({});
  expect(samplesOf(text).get('backstep_scrape_errors_total{source="database"}')).toBe(2);
  expect(samplesOf(text).get('backstep_workers')).toBe(2);
  expect(asked).toBe(1);
});

test('scrapes that come together are one', async () => {
  let asked = 0;
  const oldestReadyMs = () => Promise.resolve((asked += 1));
  const exposition = createExposition({ metrics: create(), target: scrapeTarget({ oldestReadyMs }) });
  const texts = await Promise.all([exposition.text(), exposition.text(), exposition.text()]);
  expect(new Set(texts).size).toBe(1);
  await exposition.text();
  expect(asked).toBe(1);
});

test('the API serves metrics, and says so where it has none', async () => {
  const { runner } = recordingRunner();
  const log = pino({ level: 'silent' });
  const metrics = createExposition({ metrics: create(), target: scrapeTarget() });
  const { text, headers } = await request(checkedApp({ runner, log, metrics })).get('/metrics').expect(200);
  expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect(samplesOf(text).get('backstep_workers')).toBe(2);
  await request(checkedApp({ runner, log })).get('/metrics').expect(404);
});

test('a process without an API serves metrics and its health, and nothing else', async () => {
  const listener = metricsListener(createExposition({ metrics: create() }));
  await request(listener)
    .get('/metrics?x=1')
    .expect(200)
    .expect('content-type', /^text\/plain; version=0.0.4/);
  await request(listener).get('/healthz').expect(200, { status: 'ok' });
  await request(listener).get('/api/sagas').expect(404);
  await request(listener).post('/metrics').expect(405);
});
