/** The process that starts sagas. */
import { setTimeout as sleep } from 'node:timers/promises';
import { CONTENDERS } from '../contenders/index.ts';
import type { LoadAnswer, Order, PaceAnswer } from './messages.ts';
import { readWorld, serve } from './messages.ts';
import { createFlight } from './flight.ts';

const world = readWorld();
const starter = await CONTENDERS[world.contender].starter(world);
const flight = createFlight();
let watching: Promise<void> | undefined;
const startedAt = new Map<string, number>();
const endedAt = new Map<string, number>();

async function load(seconds: number, inFlight: number): Promise<LoadAnswer> {
  const before = flight.started();
  const beganAt = performance.now();
  while (performance.now() < beganAt + seconds * 1_000) {
    if (flight.open() < inFlight) flight.launch(starter.start());
    else await flight.change();
  }
  await flight.landed();
  await starter.settle(flight.started());
  return { sagas: flight.started() - before, seconds: (performance.now() - beganAt) / 1_000 };
}

async function pace(count: number, perSecond: number): Promise<PaceAnswer> {
  await (watching ??= starter.watchEnds((sagaId) => endedAt.set(sagaId, performance.now())));
  const beganAt = performance.now();
  const startMs: number[] = [];
  for (let number = 0; number < count; number += 1) {
    await sleep(beganAt + (number * 1_000) / perSecond - performance.now());
    flight.launch(startTimed(startMs));
  }
  await flight.landed();
  await starter.settle(flight.started());
  return { startMs, endMs: await endings() };
}

async function startTimed(startMs: number[]): Promise<void> {
  const calledAt = performance.now();
  const sagaId = await starter.start();
  startMs.push(performance.now() - calledAt);
  startedAt.set(sagaId, calledAt);
}

/** The last ends may still be on their way to this process. */
async function endings(): Promise<number[]> {
  while ([...startedAt.keys()].some((sagaId) => !endedAt.has(sagaId))) await sleep(10);
  const all = [...startedAt].map(([sagaId, calledAt]) => (endedAt.get(sagaId) ?? Number.NaN) - calledAt);
  startedAt.clear();
  endedAt.clear();
  return all;
}

function handle(order: Order): unknown {
  switch (order.kind) {
    case 'load':
      return load(order.seconds, order.inFlight);
    case 'pace':
      return pace(order.count, order.perSecond);
    case 'acted':
      return flight.acted(order.count);
    case 'stop':
      return undefined;
    default:
      return order satisfies never;
  }
}

serve(handle, () => starter.close());
