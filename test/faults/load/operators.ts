import { askUntilAnswered, pause } from './api.ts';
import type { Outside } from './outside.ts';
import { LOOK_MS, askLedger, undoByHand } from './outside.ts';
import type { Random } from '../random.ts';
import type { BookItem } from '../verdict/evidence-types.ts';
import type { Resolution, TaskKind } from '../../../src/index.ts';

interface Task {
  readonly id: string;
  readonly sagaId: string;
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly fingerprint: string;
  /** What it can be resolved as. */
  readonly resolutions: readonly Resolution[];
}

/** What a person means to do about a task: resolve it, or retry all that ask for the same. */
type Plan = Resolution | 'retry-group';

/** Steps whose effect a person can take back in the ledger. */
const BY_KEY = new Set(['BOOK', 'CLAIM', 'SEND', 'SIGN']);
const WEIGHTS: Readonly<Record<Plan, number>> = {
  retry: 20,
  'retry-group': 25,
  undone: 25,
  done: 40,
  forward: 25,
  abandon: 8,
};
/** Part of the tasks that nobody deals with. */
const LEFT = 0.2;
const REASON = { reason: 'seen to by the suite' };

/** A person looks at each task once, and deals with most of them: by chance, but never with a lie. */
export async function operatorLoop(outside: Outside, send: (errand: Promise<void>) => void): Promise<void> {
  const seen = new Set<string>();
  while (!outside.stopped.aborted) {
    const page = await outside.ask('GET', '/api/tasks?status=open&limit=200');
    for (const task of (page?.body['items'] ?? []) as Task[]) {
      // Of one whose saga still undoes other steps nothing can be said yet.
      if (seen.has(task.id) || task.resolutions.length === 0) continue;
      seen.add(task.id);
      send(dealWith(outside, task));
    }
    await pause(LOOK_MS, outside.stopped);
  }
}

async function dealWith(outside: Outside, task: Task): Promise<void> {
  const plan = planFor(outside.random, task);
  if (plan === undefined) return;
  await pause(outside.random.integer(0, 1_500), outside.stopped);
  if (plan === 'retry-group') {
    const path = `/api/tasks/groups/${task.fingerprint}/retry`;
    await askUntilAnswered(() => outside.ask('POST', path, REASON), outside.stopped);
    return;
  }
  const word = await trueWord(outside, task, plan);
  if (word === undefined) return;
  await askUntilAnswered(
    () => outside.ask('POST', `/api/tasks/${task.id}/resolve`, { ...word, ...REASON }),
    outside.stopped,
  );
}

function planFor(random: Random, task: Task): Plan | undefined {
  const plans = plansFor(task).map((plan) => ({ plan, weight: WEIGHTS[plan] }));
  return plans.length === 0 || random.chance(LEFT) ? undefined : random.weighted(plans).plan;
}

/** What a person who lies about nothing can do. A refund that was given up might be asked for again: it never is given up. */
function plansFor({ kind, type, step, resolutions }: Task): readonly Plan[] {
  const isBilling = type.startsWith('PAYMENT');
  return resolutions.flatMap((resolution): readonly Plan[] => {
    switch (resolution) {
      case 'retry':
        return kind === 'COMPENSATION_FAILED' ? ['retry', 'retry-group'] : ['retry'];
      case 'undone':
        return kind !== 'LATE_RESULT' && !isBilling && BY_KEY.has(step) ? ['undone'] : [];
      case 'abandon':
        return isBilling && kind !== 'LATE_RESULT' ? [] : ['abandon'];
      case 'done':
      case 'forward':
        return [resolution];
      default:
        return resolution satisfies never;
    }
  });
}

interface Word {
  readonly resolution: Resolution;
  readonly output?: object;
}

/** What the person can say once they have looked, or acted. Undefined: nothing, or there was no time left for it. */
async function trueWord(outside: Outside, task: Task, resolution: Resolution): Promise<Word | undefined> {
  const { sagaId, step } = task;
  const key = `${sagaId}:${step}:do`;
  if (resolution === 'undone') return (await undoByHand(outside, { sagaId, step, key })) ? { resolution } : undefined;
  if (resolution !== 'done') return { resolution };
  if (task.type.startsWith('PAYMENT')) return refundSeen(outside, key);
  const outcome = await askLedger(outside, { sagaId, step, key, what: 'settle' });
  if (outcome === undefined) return undefined;
  return outcome === 'done' ? { resolution, output: { [step.toLowerCase()]: key } } : { resolution: 'undone' };
}

/** What is in the provider's books is done; what is not may come yet. */
async function refundSeen({ sandboxUrl }: Outside, key: string): Promise<Word | undefined> {
  const response = await fetch(`${sandboxUrl}/sandbox/operations`);
  const { items } = (await response.json()) as { items: BookItem[] };
  const found = items.find((item) => item.key === key);
  if (!found) return undefined;
  const { method, amount, at } = found;
  return { resolution: 'done', output: { providerRefundResult: { key, method, amount, refundedAt: at } } };
}
