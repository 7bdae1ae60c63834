import type { ChildProcess } from 'node:child_process';
import { afterEach, describe, expect, test } from '@jest/globals';
import crashing from '../fixtures/crashing.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { endProcess, startWorkerProcess } from '../support/worker-process.ts';

const children: ChildProcess[] = [];
let engine: Engine | undefined;

afterEach(async () => {
  const exits = children.splice(0).map(kill);
  await Promise.all(exits);
  await engine?.close();
  engine = undefined;
});

const kill = (child: ChildProcess) => endProcess(child, 'SIGKILL');

function startWorker(current: Engine, backend: 'redis' | 'postgres'): ChildProcess {
  const child = startWorkerProcess(current, { module: 'test/fixtures/crashing.ts', backend });
  children.push(child);
  return child;
}

async function prepare(backend: 'redis' | 'postgres'): Promise<Engine> {
  engine = await startEngine((prisma) => crashing({ prisma, settings: {}, log: undefined as never }).sagas, {
    backend,
    work: false,
  });
  await engine.sql.query('CREATE TABLE act (id serial, step text, key text, pid int)');
  return engine;
}

describe.each(['redis', 'postgres'] as const)('with queues in %s, a worker killed with -9', (backend) => {
  const begun = (step: string) =>
    eventually(async () => (await engine?.sql.query('SELECT 1 FROM act WHERE step = $1', [step]))?.rowCount, {
      timeoutMs: 30_000,
    });
  const acts = async (step: string) =>
    (await engine?.sql.query<{ key: string; pid: number }>('SELECT key, pid FROM act WHERE step = $1', [step]))?.rows ??
    [];

  test('in the middle of a step: the step runs again in another with the same key, and the saga ends', async () => {
    const { runner, ended } = await prepare(backend);
    const first = startWorker(await current(), backend);
    const { sagaId } = await runner.start('CRASHING', { fail: false });
    await begun('SECOND');
    await kill(first);
    startWorker(await current(), backend);
    expect((await ended(sagaId, 45_000)).status).toBe('COMPLETED');
    const [one, two] = await acts('SECOND');
    expect([one?.key, two?.key]).toEqual([`${sagaId}:SECOND:do`, `${sagaId}:SECOND:do`]);
    expect(one?.pid).not.toBe(two?.pid);
    expect(await acts('FIRST')).toHaveLength(1);
  });

  test('in the middle of a compensation: it runs again with the same key, and the saga ends', async () => {
    const { runner, ended } = await prepare(backend);
    const first = startWorker(await current(), backend);
    const { sagaId } = await runner.start('CRASHING', { fail: true });
    await begun('undo FIRST');
    await kill(first);
    startWorker(await current(), backend);
    expect((await ended(sagaId, 45_000)).status).toBe('COMPENSATED');
    expect(new Set((await acts('undo FIRST')).map(({ key }) => key))).toEqual(new Set([`${sagaId}:FIRST:undo`]));
  });

  async function current(): Promise<Engine> {
    if (!engine) throw new Error('not prepared');
    return engine;
  }
});
