import type { Job, Queue } from 'bullmq';
import type { Log } from '../core/log.ts';
import { messageOf } from '../core/errors.ts';
import type { Meter } from '../metrics/meter.ts';
import type { QueueBackend } from '../queues/backend.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

const LOOK_MS = 400;
/** A worker that was there and is gone for this long is dead, in milliseconds: one that lives connects again sooner. */
const GONE_MS = 1_000;
/** The same for one that this process never saw, or not since it lost its own connection: after an outage of the queues the
 *  others may take this long to come back. */
const NEVER_SEEN_MS = 3_000;

export interface HandOverContext {
  readonly queues: readonly Queue[];
  readonly backend: Pick<QueueBackend, 'ready' | 'presentWorkers' | 'lockOf'>;
  readonly log: Log;
  readonly meter: Meter;
}

/** What is known of the workers since the queues were last out of reach. */
interface Sight {
  readonly sinceMs: number;
  readonly seen: Set<string>;
  /** Workers that are not there, and since when, in milliseconds of `performance.now()`. */
  readonly gone: Map<string, number>;
}

/**
 * A process that is killed loses its connections at once. Whoever sees that gives its jobs to the others, instead of
 * waiting for its locks to run out; a host that falls silent is found by its locks. A worker that is wrongly taken for
 * dead does no harm: its step runs twice with one key.
 */
export function startHandOver(context: HandOverContext): Loop {
  let sight = newSight();
  return startLoop(async () => {
    try {
      await context.backend.ready();
      await look(context, sight);
    } catch (error) {
      sight = newSight();
      context.log.debug({ err: messageOf(error) }, 'workers not looked at');
    }
    return LOOK_MS;
  });
}

const newSight = (): Sight => ({ sinceMs: performance.now(), seen: new Set(), gone: new Map() });

async function look(context: HandOverContext, sight: Sight): Promise<void> {
  const present = await context.backend.presentWorkers();
  // Where nobody can be seen, nobody can be missed: some providers keep the list of clients to themselves.
  if (present.size === 0 && sight.seen.size === 0) return;
  notePresence(sight, present, performance.now());
  if (sight.gone.size === 0 && performance.now() - sight.sinceMs > 2 * NEVER_SEEN_MS) return;
  const held = await Promise.all(context.queues.map((queue) => handOverIn(context, queue, sight, present)));
  forget(sight, new Set(held.flat()));
}

function notePresence({ seen, gone }: Sight, present: ReadonlySet<string>, nowMs: number): void {
  for (const name of present) {
    seen.add(name);
    gone.delete(name);
  }
  for (const name of seen) if (!present.has(name) && !gone.has(name)) gone.set(name, nowMs);
}

/** Answers the names of absent workers that still hold jobs. */
async function handOverIn(
  { backend, log, meter }: HandOverContext,
  queue: Queue,
  sight: Sight,
  present: ReadonlySet<string>,
): Promise<readonly string[]> {
  const holders: string[] = [];
  for (const job of (await queue.getActive()) as Job[]) {
    const { processedBy: name, id } = job;
    if (name === undefined || id === undefined || present.has(name)) continue;
    holders.push(name);
    if (!isDead(sight, name)) continue;
    const token = await backend.lockOf(queue.name, id);
    if (token === undefined || !(await isHandedOver(job, token, log))) continue;
    meter.note({ kind: 'hand-over', queue: queue.name });
    log.warn({ queue: queue.name, jobId: id, worker: name }, 'job of a dead worker handed over');
  }
  return holders;
}

/** Under the token: a job that has been given to another meanwhile stays with that one. Everybody who watches tries, so
 *  being too late for one job says nothing about the next. */
async function isHandedOver(job: Job, token: string, log: Log): Promise<boolean> {
  try {
    await job.moveToWait(token);
    return true;
  } catch (error) {
    log.debug({ jobId: job.id, err: messageOf(error) }, 'job not handed over');
    return false;
  }
}

function isDead({ seen, gone }: Sight, name: string): boolean {
  const sinceMs = gone.get(name) ?? performance.now();
  gone.set(name, sinceMs);
  return performance.now() - sinceMs >= (seen.has(name) ? GONE_MS : NEVER_SEEN_MS);
}

/** The dead who have nothing left to give. */
function forget(sight: Sight, holders: ReadonlySet<string>): void {
  for (const name of sight.gone.keys()) {
    if (holders.has(name) || !isDead(sight, name)) continue;
    sight.gone.delete(name);
    sight.seen.delete(name);
  }
}
