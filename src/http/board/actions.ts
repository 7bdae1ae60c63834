import type { JobKind, Target } from './target.ts';
import { sagaPath } from './target.ts';

/** `elsewhere`: it is refused, and the text says why and where it is done. `resume`: the engine does it, for its record. */
export type Ruling =
  { readonly kind: 'allowed' } | { readonly kind: 'resume' } | { readonly kind: 'elsewhere'; readonly where: string };

export type Rule = (target: Target) => Ruling;

/** A route of Bull Board that changes something. */
export interface Action {
  readonly method: 'post' | 'put' | 'patch';
  /** As Bull Board writes it, below `/api`. */
  readonly path: string;
  /** What the audit calls it. */
  readonly name: string;
  readonly rule: Rule;
}

const allowed: Rule = () => ({ kind: 'allowed' });
const resumed: Rule = () => ({ kind: 'resume' });
const elsewhere =
  (where: string | ((target: Target) => string)): Rule =>
  (target) => ({ kind: 'elsewhere', where: typeof where === 'string' ? where : where(target) });
const perKind =
  (rules: Readonly<Record<JobKind, Rule>>): Rule =>
  (target) =>
    rules[target.kind ?? 'flow'](target);
const inState =
  (states: readonly string[], then: Rule, otherwise: Rule): Rule =>
  (target) =>
    (states.includes(target.state ?? '') ? then : otherwise)(target);

const saga = ({ sagaId }: Target) => (sagaId === undefined ? 'the saga in the console, /console' : sagaPath(sagaId));

const START = elsewhere('A job without a saga does nothing. Start a saga in the console, /console.');
const WRITE_EVENT = elsewhere('Events come from the outbox: the application writes them there with writeEvent.');
const NO_NOTICE = elsewhere('Notices are written with what they tell of: there is none to add.');
const NEXT = elsewhere(
  (target) => `What its saga does next is in the record, and gets a job by itself. Open ${saga(target)}.`,
);
const CANCEL = elsewhere(
  (target) => `A saga that lost its job is given another one. To end the saga, cancel it: open ${saga(target)}.`,
);
const EMPTY = elsewhere(
  'Sagas that lost their jobs are given others. To hold them, pause the queue; to end them, cancel them in /console.',
);
const TASK = elsewhere(
  'A failed compensation keeps its saga parked, with or without this job. Resolve its task in the inbox, /console/inbox.',
);
const AGAIN = elsewhere('An event that vanishes before it was consumed is relayed again. A failed one can be retried.');
const ONCE = elsewhere('Only what failed is retried here: what is done stays done.');
const AWAKE = elsewhere('Only a job that sleeps can be promoted: this one does not.');
const HELD = elsewhere('A worker has this job: wait until it has ended.');
const RECORD = elsewhere(
  (target) => `A job only says whom it speaks for. What is known is in the record: open ${saga(target)}.`,
);
const WRITTEN = elsewhere('It was written in the transaction of what it tells of, and stays as it is.');
const TIMES = elsewhere("How long is waited is in the definition of the saga's step. To go on now, promote the job.");
const ORDER = elsewhere('Sagas that are further go first, and then those that came first.');
const LIMITS = elsewhere(
  'Limits are in the definitions of sagas (`limits`), and jobs at once in WORKER_CONCURRENCY. To hold the queue, pause it.',
);
const FOREVER = elsewhere(
  'The queue belongs to the engine. To hold it, pause it; to end sagas, cancel them in /console.',
);
const NO_SCHEDULERS = elsewhere('Backstep has no schedulers: when something runs is in the definition of its saga.');

const ENDED = ['completed', 'failed'];
const SLEEPING = ['delayed'];

/**
 * All that Bull Board can change, and what becomes of it. Allowed is what the engine survives and a person may want: nothing
 * of it changes what is true. Refused is what would be undone behind his back (the reconciler, the redelivery), do nothing, or
 * tell a lie to whoever looks next. In the order in which Bull Board looks at its routes.
 */
export const ACTIONS: readonly Action[] = [
  { method: 'put', path: '/queues/pause', name: 'pause all', rule: allowed },
  { method: 'put', path: '/queues/resume', name: 'resume all', rule: allowed },
  {
    method: 'post',
    path: '/queues/:queueName/add',
    name: 'add',
    rule: perKind({ flow: START, compensation: START, event: WRITE_EVENT, notice: NO_NOTICE }),
  },
  {
    method: 'put',
    path: '/queues/:queueName/retry/:queueStatus',
    name: 'retry all',
    rule: perKind({
      flow: NEXT,
      compensation: inState(['failed'], resumed, ONCE),
      event: inState(['failed'], allowed, ONCE),
      notice: inState(['failed'], allowed, ONCE),
    }),
  },
  // What sleeps before a retry goes on now; what waits for an answer finds that there is none, and sleeps again.
  { method: 'put', path: '/queues/:queueName/promote', name: 'promote all', rule: allowed },
  {
    method: 'put',
    path: '/queues/:queueName/clean/:queueStatus',
    name: 'clean',
    rule: perKind({
      flow: inState(ENDED, allowed, EMPTY),
      compensation: inState(['completed'], allowed, inState(['failed'], TASK, EMPTY)),
      event: inState(['completed'], allowed, AGAIN),
      notice: inState([...ENDED, 'delayed', 'wait'], allowed, HELD),
    }),
  },
  { method: 'put', path: '/queues/:queueName/pause', name: 'pause', rule: allowed },
  { method: 'put', path: '/queues/:queueName/resume', name: 'resume', rule: allowed },
  { method: 'put', path: '/queues/:queueName/concurrency', name: 'concurrency', rule: LIMITS },
  { method: 'put', path: '/queues/:queueName/rate-limit', name: 'rate limit', rule: LIMITS },
  { method: 'put', path: '/queues/:queueName/rate-limit/release', name: 'release rate limit', rule: LIMITS },
  {
    method: 'put',
    path: '/queues/:queueName/empty',
    name: 'empty',
    rule: perKind({ flow: EMPTY, compensation: EMPTY, event: AGAIN, notice: allowed }),
  },
  { method: 'put', path: '/queues/:queueName/obliterate', name: 'obliterate', rule: FOREVER },
  {
    method: 'put',
    path: '/queues/:queueName/job-schedulers/:schedulerId/remove',
    name: 'remove scheduler',
    rule: NO_SCHEDULERS,
  },
  {
    method: 'patch',
    path: '/queues/:queueName/job-schedulers/:schedulerId',
    name: 'update scheduler',
    rule: NO_SCHEDULERS,
  },
  {
    method: 'put',
    path: '/queues/:queueName/job-schedulers/:schedulerId/run',
    name: 'run scheduler',
    rule: NO_SCHEDULERS,
  },
  {
    method: 'put',
    path: '/queues/:queueName/:jobId/retry',
    name: 'retry',
    rule: perKind({
      flow: NEXT,
      compensation: inState(['failed'], resumed, ONCE),
      event: inState(['failed'], allowed, ONCE),
      notice: inState(['failed'], allowed, ONCE),
    }),
  },
  {
    method: 'put',
    path: '/queues/:queueName/:jobId/clean',
    name: 'remove',
    rule: perKind({
      flow: inState(ENDED, allowed, CANCEL),
      compensation: inState(['completed'], allowed, inState(['failed'], TASK, CANCEL)),
      event: inState(['completed'], allowed, AGAIN),
      notice: inState(['active'], HELD, allowed),
    }),
  },
  {
    method: 'put',
    path: '/queues/:queueName/:jobId/promote',
    name: 'promote',
    rule: inState(SLEEPING, allowed, AWAKE),
  },
  {
    method: 'patch',
    path: '/queues/:queueName/:jobId/update-data',
    name: 'update data',
    rule: perKind({ flow: RECORD, compensation: RECORD, event: WRITTEN, notice: WRITTEN }),
  },
  // A job that sleeps longer than its saga supposes would look alive to the reconciler.
  { method: 'patch', path: '/queues/:queueName/:jobId/delay', name: 'delay', rule: TIMES },
  { method: 'patch', path: '/queues/:queueName/:jobId/priority', name: 'priority', rule: ORDER },
  {
    method: 'put',
    path: '/queues/:queueName/:jobId/remove-unprocessed-children',
    name: 'remove children',
    rule: CANCEL,
  },
];
