import type { ChildProcess } from 'node:child_process';
import { afterAll, beforeAll, beforeEach, expect, jest, test } from '@jest/globals';
import parking, { PARKING_TABLES } from '../fixtures/parking.ts';
import { startProxy } from '../faults/rig/proxy.ts';
import type { Resolution, SagaView, TaskView } from '../../src/store/views.ts';
import { testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import type { Gates } from '../support/gates.ts';
import { installGates } from '../support/gates.ts';
import { freePort } from '../support/port.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';

// Processes are started, which takes its time on a busy machine.
jest.setTimeout(120_000);

const PATIENTLY = { timeoutMs: 40_000 };
const by = { actor: 'olga', reason: 'it is up again' };
const module = 'test/fixtures/parking.ts';
const secret = 'a secret of more than thirty-two characters';
const events = ['saga.parked', 'task.opened', 'saga.finished'];

let engine: Engine;
let gates: Gates;
let receiver: Receiver;
/** The one that works where nothing else is said: tests leave one behind. */
let worker: ChildProcess;
const children: ChildProcess[] = [];

beforeAll(async () => {
  receiver = await startReceiver();
  const webhooks = { urls: [receiver.url], secret, events };
  engine = await startEngine((prisma) => parking({ prisma }).sagas, { work: false, webhooks });
  await engine.sql.query(PARKING_TABLES);
  gates = await installGates(engine.sql);
});
beforeEach(() => engine.sql.query('TRUNCATE mended'));
afterAll(async () => {
  await Promise.all(children.map(killed));
  await gates.remove();
  await Promise.all([engine.close(), receiver.close()]);
});

const killed = (child: ChildProcess) => endProcess(child, 'SIGKILL');
const env = () => ({
  WEBHOOK_URLS: receiver.url,
  WEBHOOK_SECRET: secret,
  WEBHOOK_EVENTS: events.join(','),
});
function start(): ChildProcess {
  const child = startWorkerProcess(engine, { module, env: env() });
  children.push(child);
  return child;
}

const mend = () => engine.sql.query('INSERT INTO mended DEFAULT VALUES');
const actsOf = async ({ sagaId }: SagaView) => {
  const query = `SELECT what FROM act WHERE starts_with(key, $1) ORDER BY id`;
  return (await engine.sql.query<{ what: string }>(query, [`${sagaId}:`])).rows.map(({ what }) => what);
};
const said = ({ log }: SagaView, event: string) => log.filter((entry) => entry.event === event);

interface Parked {
  readonly saga: SagaView;
  readonly task: TaskView;
}

async function park(type: 'PARKING' | 'IN_DOUBT', count: number): Promise<readonly Parked[]> {
  const started = await Promise.all(Array.from({ length: count }, () => engine.runner.start(type, {})));
  const sagas = await Promise.all(started.map(({ sagaId }) => engine.ended(sagaId, 40_000)));
  const parked = sagas.map((saga) => ({ saga, task: openTask(saga) }));
  return parked.toSorted((one, other) => Number(one.task.id) - Number(other.task.id));
}

function openTask({ sagaId, tasks }: SagaView): TaskView {
  const task = tasks.find(({ status }) => status === 'open');
  if (!task) throw new Error(`No task of saga ${sagaId} is open`);
  return task;
}

/** Whoever arrives at the gate is killed there. */
async function crashAt(gate: string, arrive: () => ChildProcess | Promise<ChildProcess>): Promise<void> {
  await gates.shut(gate);
  const child = await arrive();
  await gates.reached(gate);
  await killed(child);
  await gates.open();
}

const notices = async () => {
  const query = `SELECT payload->'notice'->>'id' AS id FROM outbox ORDER BY id`;
  return (await engine.sql.query<{ id: string }>(query)).rows.map(({ id }) => id);
};
const untilConsumed = () =>
  eventually(
    async () => (await engine.sql.query(`SELECT FROM outbox WHERE consumed_at IS NULL`)).rowCount === 0,
    PATIENTLY,
  );
const toldIds = () => receiver.told.map(({ notice }) => notice.id);

test('a worker killed with -9 between handing a notice out and noting so: it is not lost, and keeps its id', async () => {
  const { sagaId } = await engine.runner.start('PARKING', {});
  await engine.runner.cancel(sagaId, by);
  expect(await notices()).toEqual([`saga.finished:${sagaId}`]);
  await crashAt('outbox backstep.saga.finished', start);
  expect((await engine.sql.query(`SELECT FROM outbox WHERE relayed_at IS NULL`)).rowCount).toBe(1);
  worker = start();
  await untilConsumed();
  expect(new Set(toldIds())).toEqual(new Set([`saga.finished:${sagaId}`]));
});

test('a worker killed with -9 while a receiver has its request: the notice is sent again with the same id', async () => {
  receiver.answer('nothing');
  const before = toldIds().length;
  const [parked] = await park('PARKING', 1);
  if (!parked) throw new Error('none');
  await eventually(() => toldIds().length === before + 2);
  await killed(worker);
  receiver.answer(204);
  worker = start();
  await untilConsumed();
  const told = toldIds().slice(before);
  expect(new Set(told).size).toBe(2);
  expect(told.slice(2).toSorted()).toEqual(told.slice(0, 2).toSorted());
  expect(await engine.runner.get(parked.saga.sagaId)).toMatchObject({ status: 'FAILED', tasks: [{}] });
  await engine.runner.resolve(parked.task.id, 'abandon', by);
});

test('workers killed with -9 in the retry of a group: the next goes on, each task is tried once, and all are counted', async () => {
  const parked = await park('PARKING', 5);
  const [one, two, three] = parked;
  if (!one || !two || !three) throw new Error('too few');
  await mend();
  let retryId = '';
  // In the transaction that resolves a task; between its commit and its flow; between a task and the next.
  await crashAt(`operator_task ${one.task.id} resolved`, async () => {
    retryId = (await engine.runner.retryGroup(one.task.fingerprint, by)).id;
    return worker;
  });
  await crashAt(`saga_log ${two.saga.sagaId} flow rebuilt`, start);
  await crashAt(`group_retry ${three.task.id}`, start);
  worker = start();
  await eventually(async () => (await engine.runner.groupRetry(retryId)).status === 'finished', PATIENTLY);
  expect(await engine.runner.groupRetry(retryId)).toMatchObject({ total: 5, retried: 5, skipped: 0 });
  for (const { saga } of parked) {
    const ended = await engine.until(saga.sagaId, ({ status }) => status === 'COMPENSATED', 40_000);
    expect(said(ended, 'compensation retried')).toHaveLength(1);
    expect(said(ended, 'compensated').map(({ step }) => step)).toEqual(['B', 'A']);
    expect(ended.tasks).toMatchObject([{ status: 'resolved', resolution: 'retry', resolvedBy: 'olga' }]);
  }
  const { items } = await engine.runner.audit({ action: 'retry' });
  expect(items).toHaveLength(5);
  expect(new Set(items.map(({ taskId }) => taskId))).toEqual(new Set(parked.map(({ task }) => task.id)));
});

interface Api {
  readonly child: ChildProcess;
  resolve(task: TaskView, resolution: Resolution, output?: object): Promise<Response>;
}

async function startApi(redisPort?: number): Promise<Api> {
  const port = String(await freePort());
  const redisUrl = new URL(testRedisUrl());
  if (redisPort !== undefined) redisUrl.port = String(redisPort);
  const apiEnv = { ...env(), PORT: port, REDIS_URL: redisUrl.href };
  const child = startWorkerProcess(engine, { module, command: 'api', env: apiEnv });
  children.push(child);
  const url = `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${url}/readyz`)).ok, PATIENTLY);
  return {
    child,
    resolve: (task, resolution, output) =>
      fetch(`${url}/api/tasks/${task.id}/resolve`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ resolution, reason: by.reason, output }),
      }),
  };
}

/** What each resolution comes to, and what the code of a saga's steps does after it. */
const WAYS = [
  { type: 'PARKING', resolution: 'retry', ends: 'COMPENSATED', does: ['undo B', 'undo A'] },
  { type: 'PARKING', resolution: 'undone', ends: 'COMPENSATED', does: ['undo A'] },
  { type: 'PARKING', resolution: 'abandon', ends: 'ABANDONED', does: [] },
  { type: 'IN_DOUBT', resolution: 'undone', ends: 'COMPENSATED', does: ['undo A'] },
  { type: 'IN_DOUBT', resolution: 'done', ends: 'COMPLETED', does: ['C'] },
  { type: 'IN_DOUBT', resolution: 'forward', ends: 'COMPLETED', does: ['B', 'C'] },
  { type: 'IN_DOUBT', resolution: 'abandon', ends: 'ABANDONED', does: [] },
] as const;
const outputOf = (resolution: Resolution) => (resolution === 'done' ? { output: { refund: 'r1' } } : {});

/** A parked saga for each way. */
async function parkForAll() {
  const inDoubt = WAYS.filter(({ type }) => type === 'IN_DOUBT');
  const all = [...(await park('PARKING', WAYS.length - inDoubt.length)), ...(await park('IN_DOUBT', inDoubt.length))];
  await mend();
  return Promise.all(
    all.map(async (parked, index) => {
      const way = WAYS[index];
      if (way?.type !== parked.saga.type) throw new Error(`No way for ${parked.saga.type}`);
      return { ...parked, way, did: await actsOf(parked.saga) };
    }),
  );
}

async function expectEnds(all: Awaited<ReturnType<typeof parkForAll>>): Promise<void> {
  for (const { saga, task, way, did } of all) {
    const ended = await engine.until(saga.sagaId, ({ status }) => status === way.ends, 40_000);
    expect({ way, acts: await actsOf(ended) }).toEqual({ way, acts: [...did, ...way.does] });
    expect(ended.tasks).toMatchObject([{ id: task.id, status: 'resolved', resolution: way.resolution }]);
    const { items } = await engine.runner.audit({ sagaId: saga.sagaId, action: 'resolve' });
    expect(items).toMatchObject([{ taskId: task.id, detail: way.resolution }]);
  }
}

test('an API killed with -9 between resolutions and their jobs: each saga goes on, and nothing is done twice', async () => {
  const all = await parkForAll();
  const { hostname: host, port } = new URL(testRedisUrl());
  const toRedis = await startProxy({ host, port: Number(port) });
  try {
    const api = await startApi(toRedis.port);
    toRedis.set('hang');
    const asked = all.map(({ task, way }) => api.resolve(task, way.resolution, outputOf(way.resolution).output));
    const open = async () => (await engine.runner.tasks({ status: 'open' })).items.length;
    await eventually(async () => (await open()) === 0);
    await killed(api.child);
    await Promise.allSettled(asked);
  } finally {
    await toRedis.close();
  }
  await expectEnds(all);
});

test('an API killed with -9 before resolutions commit: nothing was decided, and the same can be said again', async () => {
  const all = await parkForAll();
  const api = await startApi();
  for (const { task } of all) await gates.shut(`operator_task ${task.id} resolved`);
  const asked = all.map(({ task, way }) => api.resolve(task, way.resolution, outputOf(way.resolution).output));
  for (const { task } of all) await gates.reached(`operator_task ${task.id} resolved`);
  await killed(api.child);
  await gates.open();
  expect(new Set((await Promise.allSettled(asked)).map(({ status }) => status))).toEqual(new Set(['rejected']));
  for (const { task, saga, way } of all) {
    expect(await engine.runner.get(saga.sagaId)).toMatchObject({ status: 'FAILED', tasks: [{ status: 'open' }] });
    await engine.runner.resolve(task.id, way.resolution, { ...by, ...outputOf(way.resolution) });
  }
  await expectEnds(all);
});
