import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { stepJobId } from '../../src/core/keys.ts';
import { STEPS } from '../../src/queues/names.ts';
import blocking from '../fixtures/blocking.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';

const PATIENT = 5;

let engine: Engine;
const children: ChildProcess[] = [];

beforeAll(async () => {
  engine = await startEngine((prisma) => blocking({ prisma, settings: {}, log: undefined as never }).sagas, {
    work: false,
  });
  await engine.sql.query('CREATE TABLE act (id serial, key text, what text)');
});
afterAll(async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  await engine.close();
});

/** Resolves when it takes jobs. */
async function startWorker(): Promise<void> {
  const child = startWorkerProcess(engine, { module: 'test/fixtures/blocking.ts' });
  children.push(child);
  await once(child, 'message');
}

async function begun(): Promise<string[]> {
  const { rows } = await engine.sql.query<{ key: string }>(`SELECT key FROM act WHERE what = 'begun' ORDER BY key`);
  return rows.map(({ key }) => key);
}

/** As BullMQ counts: how often it was given to a worker, and how often it was found without one. */
async function deliveries(sagaId: string, step: string) {
  const queue = engine.runner.queues.list().find(({ name }) => name === STEPS);
  const job = await queue?.getJob(stepJobId(sagaId, 1, step));
  return { started: job?.attemptsStarted, stalled: job?.stalledCounter };
}

test('an event loop that is blocked for 2 s loses no job to the worker beside it', async () => {
  await startWorker();
  const { sagaId } = await engine.runner.start('BLOCKING', {});
  const starts = await Promise.all(Array.from({ length: PATIENT }, () => engine.runner.start('PATIENT', {})));
  await eventually(async () => (await begun()).length === PATIENT + 1);
  // From here on somebody is there who would take what the first loses.
  await startWorker();
  await engine.sql.query(`INSERT INTO act (what) VALUES ('go')`);
  const jobs = [{ sagaId, step: 'BLOCK' }, ...starts.map((saga) => ({ sagaId: saga.sagaId, step: 'WAIT' }))];
  for (const { sagaId: id, step } of jobs) {
    expect(await engine.ended(id, 40_000)).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }] });
    expect(await deliveries(id, step)).toEqual({ started: 1, stalled: 0 });
  }
  expect(await begun()).toEqual(jobs.map(({ sagaId: id, step }) => `${id}:${step}:do`).sort());
}, 90_000);
