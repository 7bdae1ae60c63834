import { setMaxListeners } from 'node:events';
import { apiClient, askUntilAnswered, pause } from './api.ts';
import { operatorLoop } from './operators.ts';
import type { Outside } from './outside.ts';
import { LOOK_MS, undoByHand } from './outside.ts';
import type { Request } from '../sagas/kinds.ts';
import type { LedgerLine } from '../sagas/ledger-book.ts';
import { ledgerClient } from '../sagas/ledger-client.ts';
import { seededRandom } from '../random.ts';
import type { Accepted, World } from '../types.ts';

/** People and systems outside: they answer what waiting steps asked, and resolve operator tasks. */
export interface Outsiders {
  /** Whether somebody still means to do something. */
  busy(): boolean;
  /** Resolves when nothing more is done. */
  stop(): Promise<void>;
}

export function startOutsiders(world: World, accepted: ReadonlyMap<string, Accepted>): Outsiders {
  const stop = new AbortController();
  // Every errand listens to it.
  setMaxListeners(0, stop.signal);
  const outside: Outside = {
    ask: apiClient(() => world.apiUrl()),
    ledger: ledgerClient(world.ledgerUrl),
    sandboxUrl: world.sandboxUrl,
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
