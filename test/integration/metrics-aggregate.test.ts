import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from '@jest/globals';
import { createExposition, createMetrics } from '../../src/index.ts';
import { createChildMetrics } from '../../src/metrics/aggregate.ts';
import { eventually } from '../support/eventually.ts';
import { samplesOf } from '../support/metrics.ts';
import { endProcess } from '../support/worker-process.ts';

const STARTED = 'saga_total{type="other",status="RUNNING"}';
const forked: ChildProcess[] = [];

afterEach(() => Promise.all(forked.splice(0).map((child) => endProcess(child, 'SIGKILL'))));

function family() {
  const children = createChildMetrics();
  const metrics = createMetrics({ sagas: [] });
  const exposition = createExposition({ metrics, children });
  const samples = async () => samplesOf(await exposition.text());
  return {
    children,
    metrics,
    samples,
    started: async () => (await samples()).get(STARTED),
    forkOne: async () => {
      const { NODE_OPTIONS: _options, ...env } = process.env;
      const child = fork('test/fixtures/counting.ts', [], { env, execArgv: ['--import', 'tsx'], stdio: 'ignore' });
      forked.push(child);
      children.add(child);
      await once(child, 'message');
      return child;
    },
  };
}

function start(child: ChildProcess, times: number): void {
  for (let sent = 0; sent < times; sent += 1) child.send('start');
}

test('what children count is added to what their parent counts', async () => {
  const { metrics, forkOne, started } = family();
  const [one, two] = await Promise.all([forkOne(), forkOne()]);
  start(one, 2);
  start(two, 3);
  metrics.meter.note({ kind: 'saga', type: 'ANY', status: 'RUNNING' });
  expect(await started()).toBe(6);
});

test('what a child counted until its end stays, so that the sum never falls', async () => {
  const { forkOne, started } = family();
  const [one, two] = await Promise.all([forkOne(), forkOne()]);
  start(one, 2);
  start(two, 3);
  // Nobody has asked it yet: it says so itself.
  one.send('end');
  await once(one, 'exit');
  await eventually(async () => (await started()) === 5);
  await endProcess(two, 'SIGKILL');
  await eventually(() => !two.connected);
  expect(await started()).toBe(5);
});

test('a child that does not answer is shown as it last was, and counted', async () => {
  const { forkOne, started, samples } = family();
  const one = await forkOne();
  start(one, 2);
  expect(await started()).toBe(2);
  one.kill('SIGSTOP');
  start(one, 1);
  const silent = await samples();
  expect(silent.get(STARTED)).toBe(2);
  expect((await samples()).get('backstep_scrape_errors_total{source="children"}')).toBe(2);
  one.kill('SIGCONT');
  await eventually(async () => (await started()) === 3);
});
