/** The process that starts sagas. */
import { setTimeout as sleep } from 'node:timers/promises';
import { contenderOf } from '../contenders/index.ts';
import { createFlight } from './flight.ts';
import type { LoadAnswer, LoadOrder, Order, PaceAnswer } from './messages.ts';
import { readWorld, serve } from './messages.ts';

const world = readWorld();
const starter = await (await contenderOf(world.contender)).starter(world);
const flight = createFlight();
let watching: Promise<void> | undefined;
/** When its start was called, and when its end was seen. */
const startedAt = new Map<string, number>();
const endedAt = new Map<string, number>();

async function load({ seconds, inFlight, startsAtOnce }: LoadOrder): Promise<LoadAnswer> {
  const before = flight.started();
  const beganAt = performance.now();
  const startMs: number[] = [];
  while (performance.now() < beganAt + seconds * 1_000) {
    if (flight.open() < inFlight && flight.starting() < startsAtOnce) flight.launch(startTimed(startMs));
    else await flight.change();
  }
  await flight.landed();
  await starter.settle(flight.started());
  return { sagas: flight.started() - before, seconds: (performance.now() - beganAt) / 1_000, startMs };
}

async function pace(count: number, perSecond: number, ends: boolean): Promise<PaceAnswer> {
  if (ends) await (watching ??= starter.watchEnds((sagaId) => endedAt.set(sagaId, performance.now())));
  startedAt.clear();
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
  if (watching) startedAt.set(sagaId, calledAt);
}

/** The last ends may still be on their way to this process. */
async function endings(): Promise<number[]> {
  while ([...startedAt.keys()].some((sagaId) => !endedAt.has(sagaId))) await sleep(10);
  return [...startedAt].map(([sagaId, calledAt]) => (endedAt.get(sagaId) ?? Number.NaN) - calledAt);
}

/** In portions: a saga's start costs memory until it is answered. */
async function startMany(count: number): Promise<number> {
  const portion = 500;
  for (let left = count; left > 0; left -= portion)
    await Promise.all(Array.from({ length: Math.min(left, portion) }, () => starter.start()));
  return count;
}

function handle(order: Order): unknown {
  switch (order.kind) {
    case 'load':
      return load(order);
    case 'pace':
      return pace(order.count, order.perSecond, order.ends ?? true);
    case 'start':
      return startMany(order.count);
    case 'acted':
      return flight.acted(order.count);
    default:
      throw new Error(`A starter cannot ${order.kind}`);
  }
}

serve(handle, () => starter.close());
