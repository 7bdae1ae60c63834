import type { Job } from 'bullmq';
import type { Log } from '../core/log.ts';
import type { SqlRunner } from '../core/definition.ts';
import type { WebhookOptions } from '../core/notice.ts';
import { endpointOf } from '../core/notice.ts';
import { signatureOf } from '../core/signature.ts';
import type { Meter, NoticeEnd } from '../metrics/meter.ts';
import type { NoticeJob } from '../queues/jobs.ts';
import { markConsumed } from '../store/outbox.ts';
import { HandBackError } from './bounded.ts';
import { withRest } from './job-control.ts';

/** How long a receiver may take to answer, in milliseconds. */
const ANSWER_MS = 10_000;

export interface NoticeContext {
  readonly sql: SqlRunner;
  readonly webhooks: WebhookOptions;
  readonly log: Log;
  readonly meter: Meter;
  /** Aborts when the process stops and its grace period is over. */
  readonly stopping: AbortSignal;
}

/** The processor of the notices queue: tells one receiver of one notice. */
export function noticeProcessor(context: NoticeContext) {
  const urls = new Map(context.webhooks.urls.map((url) => [endpointOf(url), url]));
  return (job: Job<NoticeJob>, token?: string): Promise<NoticeEnd> => {
    const log = context.log.child({ notice: job.data.notice.id, endpoint: job.data.endpoint });
    return withRest(job, token, log, () => tell(context, urls.get(job.data.endpoint), job, log));
  };
}

async function tell(
  context: NoticeContext,
  url: string | undefined,
  job: Job<NoticeJob>,
  log: Log,
): Promise<NoticeEnd> {
  const end = (outcome: NoticeEnd) => {
    context.meter.note({ kind: 'notice', event: job.data.notice.event, outcome });
    return outcome;
  };
  // From the mark on its job may vanish.
  const settle = () => markConsumed(context.sql, [job.data.key]);
  if (url === undefined) {
    await settle();
    log.warn('notice dropped: its receiver is not configured any more');
    return end('dropped');
  }
  try {
    await post(context, url, job.data);
  } catch (error) {
    if (context.stopping.aborted) throw new HandBackError('The worker is stopping');
    const message = reasonOf(error);
    const isLast = job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
    if (isLast) await settle();
    end(isLast ? 'failed' : 'retried');
    log[isLast ? 'error' : 'warn']({ attempt: job.attemptsMade + 1, err: message }, 'notice not delivered');
    throw new Error(message, { cause: error });
  }
  await settle();
  log.info('notice delivered');
  return end('delivered');
}

async function post({ webhooks, stopping }: NoticeContext, url: string, { notice }: NoticeJob): Promise<void> {
  const body = JSON.stringify(notice);
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'user-agent': 'backstep',
      'backstep-event-id': notice.id,
      'backstep-signature': signatureOf(webhooks.secret, body, Date.now()),
    },
    body,
    // Where it leads to, nobody has configured.
    redirect: 'manual',
    signal: AbortSignal.any([stopping, AbortSignal.timeout(ANSWER_MS)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`The receiver answered ${response.status}`);
}

/** Without the URL, which may hold a secret. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'The receiver did not answer';
  if (error.name === 'TimeoutError') return `The receiver did not answer within ${ANSWER_MS} ms`;
  const { cause } = error;
  if (cause instanceof Error && 'code' in cause) return `The receiver is out of reach: ${String(cause.code)}`;
  return error instanceof TypeError ? 'The receiver is out of reach' : error.message;
}
