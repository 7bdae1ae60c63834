import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Job } from 'bullmq';
import steady from '../fixtures/steady.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';

let engine: Engine;
const children: ChildProcess[] = [];

beforeAll(async () => {
  engine = await startEngine((prisma) => steady({ prisma, settings: {}, log: undefined as never }).sagas, {
    work: false,
  });
  await engine.sql.query('CREATE TABLE act (id serial, key text, what text)');
});
afterAll(async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  await engine.close();
});

const start = (env: Record<string, string> = {}) => {
  const child = startWorkerProcess(engine, { module: 'test/fixtures/steady.ts', env });
  children.push(child);
  return child;
};
const count = async (what: string, key: string) =>
  (await engine.sql.query('SELECT 1 FROM act WHERE what = $1 AND key LIKE $2', [what, key])).rowCount ?? 0;

test('a rolling restart under load fails nothing, repeats nothing and uses no attempt', async () => {
  const first = start();
  const sagas = await Promise.all(Array.from({ length: 60 }, () => engine.runner.start('STEADY', {})));
  await eventually(() => count('ended', 'steady-%'));
  const second = start();
  expect(await endProcess(first, 'SIGTERM')).toBe(0);
  await eventually(async () => (await count('ended', 'steady-%')) > 100, { timeoutMs: 30_000 });
  start();
  expect(await endProcess(second, 'SIGTERM')).toBe(0);
  const ended = await Promise.all(sagas.map(({ sagaId }) => engine.ended(sagaId, 30_000)));
  expect(new Set(ended.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
  expect(new Set(ended.flatMap(({ steps }) => steps.map(({ attempts }) => attempts)))).toEqual(new Set([1]));
  expect([await count('begun', 'steady-%'), await count('ended', 'steady-%')]).toEqual([180, 180]);
});

test('a step that outlasts the grace period is handed back at once, with no attempt used', async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  const first = start({ GRACE_MS: '200' });
  const { sagaId } = await engine.runner.start('LENGTHY', {});
  await eventually(() => count('begun', 'lengthy-%'), { timeoutMs: 30_000 });
  expect(await endProcess(first, 'SIGTERM')).toBe(0);
  expect(await count('ended', 'lengthy-%')).toBe(0);
  start();
  const saga = await engine.ended(sagaId, 30_000);
  expect(saga).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }] });
  expect(await count('begun', 'lengthy-%')).toBe(2);
});

test('the step of a worker killed with -9 is given to another before its lock has run out', async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  const workers = [start(), start()];
  const [steps] = engine.runner.queues.list();
  await eventually(async () => (await steps?.getWorkersCount()) === 2, { timeoutMs: 30_000 });
  const { sagaId } = await engine.runner.start('LENGTHY', {});
  await eventually(() => count('begun', `${sagaId}%`), { timeoutMs: 30_000 });
  const job = (await steps?.getJob(`${sagaId}.g1.A`)) as Job | undefined;
  // A worker's name begins with the number of its process.
  const holder = workers.find(({ pid }) => job?.processedBy?.startsWith(`${pid}-`));
  if (!holder) throw new Error(`Nobody holds the job: ${job?.processedBy}`);
  await endProcess(holder, 'SIGKILL');
  expect(await engine.ended(sagaId, 30_000)).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }] });
  expect(await count('begun', `${sagaId}%`)).toBe(2);
  // A job whose lock ran out would have been counted as stalled.
  expect(await steps?.getJob(`${sagaId}.g1.A`)).toMatchObject({ stalledCounter: 0, attemptsStarted: 2 });
});

test('a worker that freezes and wakes changes nothing that another has done meanwhile', async () => {
  await Promise.all(children.map((child) => endProcess(child, 'SIGKILL')));
  const frozen = start();
  const { sagaId } = await engine.runner.start('LENGTHY', {});
  await eventually(() => count('begun', `${sagaId}%`), { timeoutMs: 30_000 });
  frozen.kill('SIGSTOP');
  start();
  const ended = await engine.ended(sagaId, 40_000);
  expect(ended).toMatchObject({ status: 'COMPLETED', steps: [{ attempts: 1 }] });
  frozen.kill('SIGCONT');
  // Its own run comes to its end now, and is told that the step is done.
  await eventually(async () => (await count('ended', `${sagaId}%`)) === 2);
  expect(await endProcess(frozen, 'SIGTERM')).toBe(0);
  expect(await engine.runner.get(sagaId)).toEqual(ended);
});
