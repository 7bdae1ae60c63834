import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { createExposition, createMetrics, createRunner, redisBackend } from '../../src/index.ts';
import type { Exposition, ProcessMetrics } from '../../src/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { checkedApp } from '../support/checked-app.ts';
import { testPrefix, testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { samplesOf } from '../support/metrics.ts';
import { freePort } from '../support/port.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';
import { trips } from '../fixtures/trips.ts';

describe('a process that counts', () => {
  let engine: Engine;
  let metrics: ProcessMetrics;
  let exposition: Exposition;

  beforeAll(async () => {
    metrics = createMetrics({ sagas: trips() });
    engine = await startEngine(trips, { meter: metrics.meter });
    exposition = createExposition({ metrics, target: engine.runner });
  });
  afterAll(() => engine.close());

  const samples = async () => samplesOf(await exposition.text());
  const figures = async (...names: string[]) => {
    const all = await samples();
    return names.map((name) => all.get(name));
  };
  const run = async (fails: string) => engine.ended((await engine.runner.start('TRIP', { fails })).sagaId);
  const total = (status: string) => `saga_total{type="TRIP",status="${status}"}`;

  test('knows how each saga ended, and how long it and its steps took', async () => {
    expect((await run('')).status).toBe('COMPLETED');
    expect((await run('PAY')).status).toBe('COMPENSATED');
    expect((await run('UNDO')).status).toBe('FAILED');
    const statuses = ['RUNNING', 'COMPLETED', 'COMPENSATING', 'COMPENSATED', 'FAILED', 'TIMEOUT'];
    await eventually(async () => (await figures(total('FAILED')))[0] === 1);
    expect(await figures(...statuses.map(total))).toEqual([3, 1, 2, 1, 1, 0]);
    const rest = {
      'saga_duration_seconds_count{type="TRIP"}': 2,
      'saga_retry_count{type="TRIP",step="PAY"}': 4,
      'saga_retry_count{type="TRIP",step="BOOK"}': 0,
      'saga_step_duration_seconds_count{type="TRIP",step="BOOK",outcome="done"}': 3,
      'saga_step_duration_seconds_count{type="TRIP",step="PAY",outcome="done"}': 1,
      'saga_step_duration_seconds_count{type="TRIP",step="PAY",outcome="failed"}': 6,
      'saga_compensation_total{type="TRIP",step="BOOK",outcome="compensated"}': 1,
      'saga_compensation_total{type="TRIP",step="BOOK",outcome="retried"}': 2,
      'saga_compensation_total{type="TRIP",step="BOOK",outcome="failed"}': 1,
      'backstep_journal_flush_seconds_count{journal="starts"}': 3,
    };
    expect(await figures(...Object.keys(rest))).toEqual(Object.values(rest));
    expect((await samples()).get('backstep_journal_batch_entries_sum{journal="steps"}')).toBeGreaterThan(3);
  });

  test('sees what is parked until a person resolves it, and the end then', async () => {
    await eventually(async () => (await figures('saga_parked{type="TRIP"}'))[0] === 1);
    expect(await figures('backstep_open_tasks{kind="COMPENSATION_FAILED"}', 'backstep_workers')).toEqual([1, 1]);
    const { items } = await engine.runner.tasks({ status: 'open' });
    await engine.runner.resolve(items[0]?.id ?? '', 'undone', { actor: 'ada', reason: 'by hand' });
    await eventually(async () => (await figures('saga_parked{type="TRIP"}'))[0] === 0);
    expect(await figures(total('COMPENSATED'))).toEqual([2]);
  });

  test('counts a compensation that commits with its record', async () => {
    const { sagaId } = await engine.runner.start('LEDGER', {});
    expect((await engine.ended(sagaId)).status).toBe('COMPENSATED');
    const name = 'saga_total{type="LEDGER",status="COMPENSATED"}';
    await eventually(async () => (await figures(name))[0] === 1);
  });

  test('tells a person the same in short', async () => {
    const { body } = await request(checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) })).get(
      '/api/admin/sagas/metrics',
    );
    const trip = { type: 'TRIP', total: 3, running: 0, failed: 2, parked: 0 };
    expect(body).toMatchObject({ total: 4, parked: 0, oldestReadyMs: 0, types: [{ type: 'LEDGER' }, trip] });
  });
});

test('no saga is disturbed by a meter that throws', async () => {
  const meter = {
    note: () => {
      throw new Error('no meter');
    },
  };
  const engine = await startEngine(trips, { meter });
  const run = async (type: string, fails: string) =>
    (await engine.ended((await engine.runner.start(type, { fails })).sagaId)).status;
  const statuses = await Promise.all([run('TRIP', ''), run('TRIP', 'PAY'), run('TRIP', 'UNDO'), run('LEDGER', '')]);
  expect(statuses).toEqual(['COMPLETED', 'COMPENSATED', 'FAILED', 'COMPENSATED']);
  await engine.close();
});

test('with a server away a scrape says what the process itself knows', async () => {
  const { prisma, close } = connectPrisma('postgresql://nobody@127.0.0.1:1/none');
  const metrics = createMetrics({ sagas: trips() });
  const create = (url: string) =>
    createRunner({
      prisma,
      sagas: trips(),
      log: pino({ level: 'silent' }),
      queues: redisBackend({ url, prefix: testPrefix() }),
    });
  const [halfAway, away] = [create(testRedisUrl()), create('redis://127.0.0.1:1')];
  const scrape = async (target: typeof away) => {
    const samples = samplesOf(await createExposition({ metrics, target }).text());
    const errors = ['database', 'queues'].map((source) =>
      samples.get(`backstep_scrape_errors_total{source="${source}"}`),
    );
    return { errors, workers: samples.get('backstep_workers'), parked: samples.get('saga_parked{type="TRIP"}') };
  };
  await eventually(() => halfAway.queues.ping().then(() => true));
  expect(await scrape(halfAway)).toEqual({ errors: [2, 0], workers: 0, parked: undefined });
  expect(await scrape(away)).toEqual({ errors: [4, 1], workers: undefined, parked: undefined });
  await Promise.all([halfAway.close(), away.close()]);
  await close();
});

test('a worker process serves what it counts where METRICS_PORT says', async () => {
  const engine = await startEngine(trips, { work: false });
  const port = await freePort();
  const env = { METRICS_PORT: String(port) };
  const worker = startWorkerProcess(engine, { module: 'test/fixtures/trips.ts', env });
  const { sagaId } = await engine.runner.start('TRIP', { fails: '' });
  expect((await engine.ended(sagaId, 40_000)).status).toBe('COMPLETED');
  await eventually(async () => {
    const samples = samplesOf(await (await fetch(`http://127.0.0.1:${port}/metrics`)).text());
    return samples.get('saga_total{type="TRIP",status="COMPLETED"}') === 1 && !samples.has('backstep_workers');
  });
  expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toEqual({ status: 'ok' });
  expect(await endProcess(worker, 'SIGTERM')).toBe(0);
  await engine.close();
});
