import type { LoadAnswer, PaceAnswer } from '../processes/messages.ts';
import { startCrew } from '../rig/crew.ts';
import { forkProcess } from '../rig/processes.ts';
import type { Rig } from '../rig/rig.ts';
import { createLatencies } from './latencies.ts';
import { IN_FLIGHT, worldFor } from './load.ts';
import type { Effort, Measure } from './measure.ts';

const IDLE_PER_SECOND = 20;
const CONNECTIONS = 50;
const WARM = 60;

/**
 * (c): how long `POST /api/sagas/{type}` takes, over connections that are kept alive. Idle: 20 a second, and a worker that
 * runs them. Saturated: 50 connections that start sagas as fast as the worker ends them, 500 of them in flight.
 */
export function httpStarts(): Measure {
  const latencies = createLatencies();
  return {
    name: 'httpStarts',
    letters: ['c'],
    round: async (rig, effort) => {
      const { idle, saturated } = await measure(rig, effort);
      latencies.add('idle', idle.startMs);
      latencies.add('saturated', saturated.startMs);
      rig.say(`start over HTTP: ${Math.round(saturated.sagas / saturated.seconds)} sagas/s when saturated`);
    },
    result: () => ({
      lines: latencies.lines('start over HTTP'),
      goals: [
        { letter: 'c', what: 'idle start over HTTP, p99 ms', value: latencies.median('idle', 'p99'), atMost: 10 },
        { letter: 'c', what: 'saturated, p99 ms', value: latencies.median('saturated', 'p99'), atMost: 100 },
      ],
      json: latencies.json(),
    }),
  };
}

async function measure(rig: Rig, { paced, loadSeconds }: Effort) {
  const world = await worldFor(rig, { contender: 'backstep' });
  const api = await forkProcess('api', { world });
  try {
    const crew = await startCrew({ ...world, apiUrl: await api.ask<string>({ kind: 'url' }) }, 1);
    const pace = (count: number) =>
      crew.starter.ask<PaceAnswer>({ kind: 'pace', count, perSecond: IDLE_PER_SECOND, ends: false });
    const load = (seconds: number) =>
      crew.starter.ask<LoadAnswer>({ kind: 'load', seconds, inFlight: IN_FLIGHT, startsAtOnce: CONNECTIONS });
    try {
      await pace(WARM);
      const idle = await pace(paced);
      await load(1);
      return { idle, saturated: await load(loadSeconds) };
    } finally {
      await crew.stop();
    }
  } finally {
    await api.stop();
  }
}
