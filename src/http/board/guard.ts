import type { Job, Queue } from 'bullmq';
import type { RequestHandler } from 'express';
import { Router } from 'express';
import { RunnerError } from '../../core/errors.ts';
import type { CompensationJob } from '../../queues/jobs.ts';
import type { By, Runner } from '../../runner/interface.ts';
import { refused } from '../refusals.ts';
import type { Action } from './actions.ts';
import { ACTIONS } from './actions.ts';
import type { Principal } from '../access/principal.ts';
import { principalOf } from '../access/principal.ts';
import type { Target } from './target.ts';
import { findTarget } from './target.ts';

export type BoardRunner = Pick<Runner, 'definitions' | 'queues' | 'retryCompensation' | 'auditQueueAction'>;

/** The code of what is refused with where it is done. */
export const ELSEWHERE = 'DONE_ELSEWHERE';
const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];
const REASON = 'Retried in the dashboard';
/** Failed compensations that one press retries; with more, it is pressed again. */
const RETRIED_AT_ONCE = 1_000;
const TOGETHER = 10;

/** Stands before the dashboard's API: lets through what its reader may do, and what agrees with the record. */
export function boardGuard(runner: BoardRunner): RequestHandler {
  const router = Router();
  for (const action of ACTIONS) router[action.method](action.path, enforce(runner, action));
  return router.use(refuseOtherWrites) as RequestHandler;
}

function enforce(runner: BoardRunner, action: Action): RequestHandler {
  return async (request, response, next) => {
    const principal = requireOperator(principalOf(response), action.name);
    const target = await findTarget(runner.queues.list(), request.params);
    const ruling = action.rule(target);
    switch (ruling.kind) {
      case 'elsewhere':
        throw refused(ELSEWHERE, ruling.where);
      case 'resume':
        response.json(await resume(runner, target, { actor: principal.name, reason: REASON }));
        return;
      case 'allowed':
        await runner.auditQueueAction(auditEntry(principal, action, target));
        // Past the other rows: the first that fits speaks for a path.
        return next('router');
      default:
        return ruling satisfies never;
    }
  };
}

/** Whatever Bull Board may learn to change in a later version, it does not do here before it is in the table. */
const refuseOtherWrites: RequestHandler = ({ method, path }, _response, next) => {
  if (SAFE_METHODS.includes(method)) return next();
  throw refused('UNKNOWN_ACTION', `The dashboard has no ${method} ${path}`);
};

function requireOperator(principal: Principal | undefined, action: string): Principal {
  if (principal?.role === 'operator') return principal;
  const had = principal ? `this key has the role ${principal.role}` : 'nobody is named';
  throw refused('FORBIDDEN', `To ${action} takes the role operator, and ${had}`);
}

function auditEntry({ name }: Principal, action: Action, { queue, job, state, sagaId }: Target) {
  const what = job?.id ?? (queue === undefined ? undefined : state);
  const detail = [action.name, queue?.name, what].filter((part) => part !== undefined).join(' ');
  return { actor: name, detail, ...(sagaId === undefined ? {} : { sagaId }) };
}

/** A person's retry of failed compensations, by the engine: it knows who it was, and their sagas go on with new flows. */
async function resume(runner: BoardRunner, { queue, job }: Target, by: By): Promise<object> {
  if (job) {
    await retry(runner, job, by);
    return {};
  }
  const failed = await failedOf(queue);
  let retried = 0;
  for (let first = 0; first < failed.length; first += TOGETHER) {
    const done = await Promise.all(
      failed.slice(first, first + TOGETHER).map((each) => retryIfParked(runner, each, by)),
    );
    retried += done.filter(Boolean).length;
  }
  return { retried, skipped: failed.length - retried };
}

async function failedOf(queue: Queue | undefined): Promise<readonly Job<CompensationJob>[]> {
  return ((await queue?.getFailed(0, RETRIED_AT_ONCE - 1)) ?? []) as Job<CompensationJob>[];
}

async function retry(runner: BoardRunner, { data }: Job<CompensationJob>, by: By): Promise<void> {
  await runner.retryCompensation(data.sagaId, data.step, by);
}

const AWAY: readonly string[] = ['DATABASE_UNAVAILABLE', 'QUEUES_UNAVAILABLE'];

/** False for one that the engine does not retry: its saga has moved on. */
async function retryIfParked(runner: BoardRunner, job: Job<CompensationJob>, by: By): Promise<boolean> {
  try {
    await retry(runner, job, by);
    return true;
  } catch (error) {
    if (!(error instanceof RunnerError) || AWAY.includes(error.code)) throw error;
    return false;
  }
}
