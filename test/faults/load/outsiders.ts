import { setMaxListeners } from 'node:events';
import { apiClient, askUntilAnswered, pause } from './api.ts';
import type { Ask } from './api.ts';
import type { Request } from '../sagas/kinds.ts';
import type { LedgerLine } from '../sagas/ledger-book.ts';
import type { LedgerClient } from '../sagas/ledger-client.ts';
import { ledgerClient } from '../sagas/ledger-client.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';
import type { Accepted, World } from '../types.ts';

/** People and systems outside: they answer what waiting steps asked, and resolve operator tasks. */
export interface Outsiders {
  /** Whether somebody still means to do something. */
  busy(): boolean;
  /** Resolves when nothing more is done. */
  stop(): Promise<void>;
}

interface Outside {
  readonly ask: Ask;
  readonly ledger: LedgerClient;
  readonly random: Random;
  readonly stopped: AbortSignal;
}

const LOOK_MS = 300;
/** Steps whose effect a person can take back in the ledger. */
const BY_KEY = new Set(['BOOK', 'CLAIM', 'SEND', 'SIGN']);

export function startOutsiders(world: World, accepted: ReadonlyMap<string, Accepted>): Outsiders {
  const stop = new AbortController();
  // Every errand listens to it.
  setMaxListeners(0, stop.signal);
  const outside: Outside = {
    ask: apiClient(() => world.apiUrl()),
    ledger: ledgerClient(world.ledgerUrl),
    random: seededRandom(world.seed, 'outsiders'),
    stopped: stop.signal,
  };
  const errands = new Set<Promise<void>>();
  const send = (errand: Promise<void>) => {
    errands.add(errand);
    void errand.finally(() => errands.delete(errand));
  };
  const loops = Promise.all([answerLoop(outside, accepted, send), operatorLoop(outside, send)]);
  return {
    busy: () => errands.size > 0,
    stop: async () => {
      stop.abort();
      await loops;
      await Promise.all(errands);
    },
  };
}

/** Whoever was asked something answers it, as its saga's input wants. */
async function answerLoop(
  outside: Outside,
  accepted: ReadonlyMap<string, Accepted>,
  send: (errand: Promise<void>) => void,
): Promise<void> {
  let seen = 0;
  let unanswered: LedgerLine[] = [];
  while (!outside.stopped.aborted) {
    const { lines } = await outside.ledger.lines(seen);
    seen += lines.length;
    unanswered.push(
      ...lines.filter(({ what, step, outcome }) => what === 'do' && step === 'ASK' && outcome === 'done'),
    );
    const known = unanswered.filter(({ sagaId }) => accepted.has(sagaId));
    unanswered = unanswered.filter(({ sagaId }) => !accepted.has(sagaId));
    for (const line of known) send(answer(outside, line, accepted.get(line.sagaId)?.input as Request));
    await pause(LOOK_MS, outside.stopped);
  }
}

/** Who says no has kept nothing of what was asked. */
async function answer(outside: Outside, { sagaId, key, step }: LedgerLine, request: Request): Promise<void> {
  if (request.answer === 'none') return;
  await pause(outside.random.integer(0, 800), outside.stopped);
  if (request.answer === 'no' && !(await undoByHand(outside, { sagaId, key, step }))) return;
  await askUntilAnswered(
    () => outside.ask('POST', `/api/sagas/${sagaId}/signals/${step}`, { answer: request.answer }, key),
    outside.stopped,
  );
}

interface Task {
  readonly id: string;
  readonly sagaId: string;
  readonly type: string;
  readonly step: string;
  readonly kind: 'COMPENSATION_FAILED' | 'MANUAL_COMPENSATION' | 'UNKNOWN_OUTCOME' | 'LATE_RESULT';
}

/** A person looks at each task once, and deals with most of them. */
async function operatorLoop(outside: Outside, send: (errand: Promise<void>) => void): Promise<void> {
  const seen = new Set<string>();
  while (!outside.stopped.aborted) {
    const page = await outside.ask('GET', '/api/tasks?status=open&limit=200');
    for (const task of (page?.body['items'] ?? []) as Task[]) {
      if (seen.has(task.id)) continue;
      seen.add(task.id);
      send(resolve(outside, task));
    }
    await pause(LOOK_MS, outside.stopped);
  }
}

async function resolve(outside: Outside, task: Task): Promise<void> {
  const resolution = resolutionOf(outside.random, task);
  if (resolution === undefined) return;
  await pause(outside.random.integer(0, 1_500), outside.stopped);
  const { sagaId, step } = task;
  if (resolution === 'undone' && !(await undoByHand(outside, { sagaId, step, key: `${sagaId}:${step}:do` }))) return;
  const body = { resolution, reason: 'seen to by the suite' };
  await askUntilAnswered(() => outside.ask('POST', `/api/tasks/${task.id}/resolve`, body), outside.stopped);
}

function resolutionOf(random: Random, { kind, type, step }: Task): 'retry' | 'undone' | 'abandon' | undefined {
  const mood = random.fraction();
  const canByHand = type.startsWith('EVERY_KIND') || type === 'BY_HAND';
  switch (kind) {
    case 'LATE_RESULT':
      return mood < 0.5 ? 'abandon' : undefined;
    case 'MANUAL_COMPENSATION':
    case 'UNKNOWN_OUTCOME':
      return canByHand && mood < 0.6 ? 'undone' : undefined;
    case 'COMPENSATION_FAILED':
      if (canByHand && BY_KEY.has(step) && mood < 0.25) return 'undone';
      return mood < 0.8 ? 'retry' : undefined;
    default:
      return kind satisfies never;
  }
}

/** False if there was no time left for it. */
async function undoByHand(
  { ledger, stopped }: Outside,
  effect: Pick<LedgerLine, 'sagaId' | 'key' | 'step'>,
): Promise<boolean> {
  while (!stopped.aborted) {
    try {
      await ledger.act({ ...effect, what: 'undo' });
      return true;
    } catch {
      await pause(LOOK_MS, stopped);
    }
  }
  return false;
}
