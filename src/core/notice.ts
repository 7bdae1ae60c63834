import { createHash } from 'node:crypto';

/** What others can be told of. `saga.parked`: a saga is FAILED, and waits for a person. */
export const NOTICE_EVENTS = ['saga.parked', 'saga.finished', 'task.opened'] as const;
export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** The body of a webhook's request. */
export interface Notice {
  /** The same each time it is sent: at most 200 characters. */
  readonly id: string;
  readonly event: NoticeEvent;
  /** When it happened, in ISO form. */
  readonly at: string;
  /** As it was then. `error`: at most 2,000 characters. */
  readonly saga: {
    readonly sagaId: string;
    readonly type: string;
    readonly status: string;
    readonly error: string | null;
  };
  /** Of `task.opened`. `message`: at most 2,000 characters. */
  readonly task?: {
    readonly id: string;
    readonly step: string;
    readonly kind: string;
    readonly message: string;
  };
}

export interface WebhookOptions {
  /** Every notice is sent to each of them: `http` or `https`, without a name or password. */
  readonly urls: readonly string[];
  /** Signs the requests: at least 32 characters. */
  readonly secret: string;
  /** `saga.parked`, `task.opened`, `saga.finished`, or `saga.finished:TYPE` for some types only. Default the first two. */
  readonly events?: readonly string[];
}

export const DEFAULT_EVENTS: readonly string[] = ['saga.parked', 'task.opened'];
export const LEAST_SECRET = 32;

/** What is written down to be told, and to whom. */
export interface WantedNotices {
  readonly parked: boolean;
  readonly taskOpened: boolean;
  /** The types of sagas whose end is told; null: of all types. */
  readonly finished: readonly string[] | null;
  /** Names of the receivers, as `endpointOf` makes them. */
  readonly endpoints: readonly string[];
}

const FINISHED = 'saga.finished';
const EVENT = /^(saga\.parked|task\.opened|saga\.finished(:[A-Z][A-Z0-9_]{0,49})?)$/;

export const isNoticeEvent = (text: string): boolean => EVENT.test(text);

export function isWebhookUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === '';
}

/** What a receiver is called where people look: its URL may hold a secret. The same URL has the same name everywhere. */
export function endpointOf(url: string): string {
  return `${new URL(url).host}#${createHash('sha256').update(url).digest('hex').slice(0, 8)}`.slice(-100);
}

/** Throws a `RangeError` that says what is wrong. */
export function wantedNotices({ urls, secret, events = DEFAULT_EVENTS }: WebhookOptions): WantedNotices {
  const wrong = urls.findIndex((url) => !isWebhookUrl(url));
  if (wrong !== -1) throw new RangeError(`Webhook ${wrong + 1} is no URL of http or https without a name and password`);
  if (secret.length < LEAST_SECRET)
    throw new RangeError(`The secret of webhooks has ${secret.length} characters, expected ${LEAST_SECRET} or more`);
  const unknown = events.find((event) => !isNoticeEvent(event));
  if (unknown !== undefined) throw new RangeError(`There is no notice ${unknown}`);
  const types = events
    .filter((event) => event.startsWith(`${FINISHED}:`))
    .map((event) => event.slice(FINISHED.length + 1));
  return {
    parked: events.includes('saga.parked'),
    taskOpened: events.includes('task.opened'),
    finished: events.includes(FINISHED) ? null : types,
    endpoints: [...new Set(urls.map(endpointOf))],
  };
}

/** Whether the end of a saga is told. */
export function tellsEndOf({ finished }: WantedNotices, type: string): boolean {
  return finished === null || finished.includes(type);
}
