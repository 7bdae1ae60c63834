import { beforeEach, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Load } from '../../src/autoscaling/policy.ts';
import { PROMPT_MS, STABLE_MS } from '../../src/autoscaling/policy.ts';
import type { Ending, Run, Seat } from '../../src/autoscaling/seat.ts';
import { FIRST_PAUSE_MS, MAX_PAUSE_MS, SETTLED_MS, keepRunning } from '../../src/autoscaling/seat.ts';
import type { Supervisor } from '../../src/autoscaling/supervisor.ts';
import { TICK_MS, superviseWorkers } from '../../src/autoscaling/supervisor.ts';
import { heldClock, type HeldClock } from '../support/held-clock.ts';

const KILLED: Ending = { code: null, signal: 'SIGKILL' };
const log = pino({ level: 'silent' });

/** A process that does what the test says. */
interface FakeRun extends Run {
  becomeReady(): void;
  end(ending: Ending): void;
  readonly wasAskedToStop: () => boolean;
}

let clock: HeldClock;
let runs: FakeRun[];
/** Whether processes end as soon as they are asked to. */
let drainsAtOnce: boolean;

beforeEach(() => {
  clock = heldClock();
  runs = [];
  drainsAtOnce = true;
});

function startRun(): FakeRun {
  let [ready, asked] = [false, false];
  let end: (ending: Ending) => void = () => undefined;
  const ended = new Promise<Ending>((resolve) => (end = resolve));
  const run: FakeRun = {
    pid: 1_000 + runs.length,
    isReady: () => ready,
    ended,
    becomeReady: () => void (ready = true),
    end: (ending) => end(ending),
    wasAskedToStop: () => asked,
    stop: async () => {
      asked = true;
      if (drainsAtOnce) end({ code: 0, signal: null });
      await ended;
    },
  };
  runs.push(run);
  return run;
}

const seat = (): Seat => keepRunning({ name: 'worker', start: startRun, clock, log });
const last = (): FakeRun => {
  const run = runs.at(-1);
  if (!run) throw new Error('Nothing was started');
  return run;
};

describe('a seat', () => {
  test('is taken again at once when a process dies that was ready', async () => {
    seat();
    last().becomeReady();
    last().end(KILLED);
    await clock.pass(0);
    expect(runs).toHaveLength(2);
  });

  test('is taken again after growing pauses when processes die one after the other', async () => {
    seat();
    for (const pauseMs of [0, 500, 1_000, 2_000, 4_000, 8_000, MAX_PAUSE_MS, MAX_PAUSE_MS]) {
      const before = runs.length;
      last().becomeReady();
      last().end(KILLED);
      if (pauseMs > 0) {
        await clock.pass(pauseMs - 1);
        expect(runs).toHaveLength(before);
      }
      await clock.pass(pauseMs > 0 ? 1 : 0);
      expect(runs).toHaveLength(before + 1);
    }
  });

  test('forgets earlier deaths when a process has run for long', async () => {
    seat();
    for (const ranMs of [0, 0, SETTLED_MS]) {
      last().becomeReady();
      await clock.pass(ranMs);
      last().end(KILLED);
      await clock.pass(ranMs === 0 ? FIRST_PAUSE_MS : 0);
    }
    expect(runs).toHaveLength(4);
  });

  test('waits before the second start of one that never became ready', async () => {
    seat();
    last().end({ code: 1, signal: null, reason: 'no database' });
    await clock.pass(FIRST_PAUSE_MS - 1);
    expect(runs).toHaveLength(1);
    await clock.pass(1);
    expect(runs).toHaveLength(2);
  });

  test('stays empty once it is stopped, also in a pause', async () => {
    const one = seat();
    last().end(KILLED);
    await clock.pass(1);
    await one.stop();
    await clock.pass(MAX_PAUSE_MS);
    const other = seat();
    await other.stop();
    await clock.pass(MAX_PAUSE_MS);
    expect(runs).toHaveLength(2);
    expect(last().wasAskedToStop()).toBe(true);
  });
});

describe('the supervisor', () => {
  const idle: Load = { backlog: 0, active: 0, waiting: 0, oldestReadyMs: 0 };
  const full: Load = { backlog: 140, active: 50, waiting: 90, oldestReadyMs: PROMPT_MS };
  let load: Load | Error;
  const readLoad = () => (load instanceof Error ? Promise.reject(load) : Promise.resolve(load));
  const supervise = (min = 1): Supervisor =>
    superviseWorkers({
      bounds: { min, max: 4, slotsPerWorker: 50 },
      startWorker: seat,
      readLoad,
      clock,
      log,
    });

  beforeEach(() => {
    load = idle;
  });

  test('starts the minimum, and with the load as many as it takes at once', async () => {
    const supervisor = supervise(2);
    expect(runs).toHaveLength(2);
    load = full;
    await clock.pass(TICK_MS);
    expect([supervisor.workers(), runs.length]).toEqual([3, 3]);
    load = { ...full, backlog: 9_999 };
    await clock.pass(TICK_MS);
    expect([supervisor.workers(), runs.length]).toEqual([4, 4]);
  });

  test('drains one worker after the other when the load is gone, the newest first', async () => {
    const supervisor = supervise();
    load = full;
    await clock.pass(TICK_MS);
    load = idle;
    await clock.pass(TICK_MS + STABLE_MS);
    expect(runs.map((run) => run.wasAskedToStop())).toEqual([false, false, true]);
    await clock.pass(4 * STABLE_MS);
    expect(runs.map((run) => run.wasAskedToStop())).toEqual([false, true, true]);
    expect([supervisor.workers(), runs.length]).toEqual([1, 3]);
  });

  test('starts a new worker for a load that comes while an old one drains', async () => {
    drainsAtOnce = false;
    const supervisor = supervise();
    load = { ...full, backlog: 90 };
    await clock.pass(TICK_MS);
    load = idle;
    await clock.pass(TICK_MS + STABLE_MS);
    load = { ...full, backlog: 90 };
    await clock.pass(TICK_MS);
    expect([supervisor.workers(), runs.length]).toEqual([2, 3]);
  });

  test('gives up a seat that is empty before one that is taken', async () => {
    const stopped: number[] = [];
    const seats = [1, 2, 3].map((number) => ({
      pid: () => (number === 2 ? undefined : number),
      stop: () => Promise.resolve(void stopped.push(number)),
    }));
    const [first, ...others] = seats;
    const startWorker = () => others.shift() ?? seat();
    const bounds = { min: 1, max: 4, slotsPerWorker: 50 };
    superviseWorkers({ bounds, ...(first && { first }), startWorker, readLoad, clock, log });
    load = full;
    await clock.pass(TICK_MS);
    load = idle;
    await clock.pass(TICK_MS + 2 * STABLE_MS);
    expect(stopped).toEqual([2, 3]);
  });

  test('replaces a worker that dies', async () => {
    const supervisor = supervise();
    last().becomeReady();
    last().end(KILLED);
    await clock.pass(0);
    expect([supervisor.workers(), runs.length]).toEqual([1, 2]);
  });

  test('keeps as many as there are while the load cannot be read', async () => {
    const supervisor = supervise();
    load = full;
    await clock.pass(TICK_MS);
    load = new Error('Redis is out of reach');
    await clock.pass(5 * STABLE_MS);
    expect([supervisor.workers(), runs.some((run) => run.wasAskedToStop())]).toEqual([3, false]);
    load = idle;
    await clock.pass(TICK_MS + STABLE_MS);
    expect(supervisor.workers()).toBe(2);
  });

  test('when it is stopped, asks all to end, waits for them and starts no other', async () => {
    drainsAtOnce = false;
    const supervisor = supervise();
    load = full;
    await clock.pass(TICK_MS);
    let stopped = false;
    const stopping = supervisor.stop().then(() => (stopped = true));
    await clock.pass(5 * STABLE_MS);
    expect([runs.map((run) => run.wasAskedToStop()), stopped]).toEqual([[true, true, true], false]);
    runs.forEach((run) => run.end({ code: 0, signal: null }));
    await stopping;
    await clock.pass(5 * STABLE_MS);
    expect(runs).toHaveLength(3);
  });
});
