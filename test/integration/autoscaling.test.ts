import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals';
import { readSignals } from '../../src/autoscaling/signals.ts';
import { brisk } from '../fixtures/brisk.ts';
import { testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { gone, type Program, runTypeScript } from '../support/process.ts';

const LONG_MS = 90_000;
let engine: Engine;
let autoscaler: Program | undefined;

beforeAll(async () => {
  engine = await startEngine(() => [brisk], { work: false });
});
afterEach(async () => {
  autoscaler?.kill('SIGKILL');
  await autoscaler?.exited;
  await eventually(async () => (await workerPids()).length === 0);
});
afterAll(() => engine.close());

/** `backstep autoscale` as in production, with few slots a worker. Resolves when its first worker takes jobs. */
async function startAutoscaler(...args: readonly string[]): Promise<Program> {
  const program = runTypeScript('src/main.ts', ['autoscale', '--sagas', 'test/fixtures/brisk.ts', ...args], {
    DATABASE_URL: engine.url,
    REDIS_URL: testRedisUrl(),
    QUEUE_PREFIX: engine.prefix,
    WORKER_CONCURRENCY: '5',
  });
  autoscaler = program;
  await eventually(
    () => {
      if (program.stderr() !== '') throw new Error(program.stderr());
      return program.stdout().includes('autoscaler ready');
    },
    { timeoutMs: 30_000 },
  );
  await eventually(async () => (await workerPids()).length > 0);
  return program;
}

/** The processes of the workers that are connected. A worker's name begins with the number of its process. */
async function workerPids(): Promise<readonly number[]> {
  const [steps] = engine.runner.queues.list();
  const workers = (await steps?.getWorkers()) ?? [];
  return workers.map(({ rawname }) => Number(/:w:(\d+)-/.exec(rawname ?? '')?.[1]));
}

const start = (count: number) =>
  Promise.all(Array.from({ length: count }, () => engine.runner.start('BRISK', {}).then(({ sagaId }) => sagaId)));

test(
  'workers come with the load and go after it, and no saga fails, stalls or is tried twice',
  async () => {
    const program = await startAutoscaler('--min', '1', '--max', '3');
    const sagaIds = await start(300);
    await eventually(async () => (await readSignals(engine.runner)).workers === 3, { timeoutMs: 30_000 });
    await eventually(async () => (await readSignals(engine.runner)).backlog === 0, { timeoutMs: LONG_MS });
    await eventually(async () => (await readSignals(engine.runner)).workers === 1, { timeoutMs: LONG_MS });

    const sagas = await Promise.all(sagaIds.map((sagaId) => engine.ended(sagaId)));
    expect(new Set(sagas.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
    const attempts = sagas.flatMap(({ steps, retryCount }) => [retryCount + 1, ...steps.map((step) => step.attempts)]);
    expect(new Set(attempts)).toEqual(new Set([1]));
    for (const trouble of ['stalled', 'child process died', 'handed over', 'flow rebuilt'])
      expect(program.stdout()).not.toContain(trouble);
    expect(program.stdout()).toMatch(/"reason":"backlog","from":\d,"to":3/);
    expect(program.stdout().match(/"reason":"quiet","from":\d,"to":\d/g)).toEqual([
      '"reason":"quiet","from":3,"to":2',
      '"reason":"quiet","from":2,"to":1',
    ]);
  },
  3 * LONG_MS,
);

test('a worker that is killed is replaced at once, and its sagas go on', async () => {
  await startAutoscaler('--max', '1');
  const [first] = await workerPids();
  const sagaIds = await start(20);
  await eventually(async () => (await readSignals(engine.runner)).active > 0);
  process.kill(first ?? 0, 'SIGKILL');
  for (const sagaId of sagaIds) expect(await engine.ended(sagaId, 30_000)).toMatchObject({ status: 'COMPLETED' });
  expect((await workerPids()).includes(first ?? 0)).toBe(false);
});

test('SIGTERM lets the workers end what they run, and no attempt is used', async () => {
  const program = await startAutoscaler('--min', '2', '--max', '2');
  await eventually(async () => (await workerPids()).length === 2, { timeoutMs: 30_000 });
  const pids = await workerPids();
  const sagaIds = await start(30);
  await eventually(async () => (await readSignals(engine.runner)).active > 0);
  program.kill('SIGTERM');
  expect(await program.exited).toEqual({ code: 0, signal: null });
  await Promise.all(pids.map(gone));
  expect(program.stderr()).toBe('');

  await startAutoscaler('--max', '1');
  for (const sagaId of sagaIds) {
    const { status, steps } = await engine.ended(sagaId, 30_000);
    expect([status, ...steps.map(({ attempts }) => attempts)]).toEqual(['COMPLETED', 1, 1, 1, 1]);
  }
});

test('workers end when their autoscaler is killed', async () => {
  const program = await startAutoscaler('--max', '1');
  const pids = await workerPids();
  expect(pids).toHaveLength(1);
  program.kill('SIGKILL');
  await Promise.all(pids.map(gone));
});
