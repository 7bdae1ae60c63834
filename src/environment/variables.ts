/**
 * Every variable of the environment that Backstep reads: what it is for, what it may be, what holds without it. From
 * here are the configuration, its refusals, the help of the command line and docs/configuration.md.
 */
import { KEYS_EXPECTED, parseApiKey } from '../api-keys.ts';
import { isNoticeEvent, isWebhookUrl, LEAST_SECRET, NOTICE_EVENTS } from '../core/notice.ts';
import { entries, type Kind, list, matching, oneOf, optionalWhole, secret, text, url, webUrl, whole } from './kinds.ts';

export interface Variable extends Kind {
  /** What it is for, as a line of the help without its default. */
  readonly text: string;
  /** What holds without it, where that is no value but has to be said. */
  readonly otherwise?: string;
  /** A value that is taken. */
  readonly example: string;
  /** Its value may hold a secret: a refusal does not repeat it. */
  readonly secret?: true;
}

export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;
export const MOST_WORKERS = 1_000;

/** In the order of the help. */
export const VARIABLES = {
  DATABASE_URL: {
    ...url('a URL postgresql://user:password@host:port/database', ['postgresql:', 'postgres:']),
    text: 'PostgreSQL, as postgresql://user:password@host:port/database; ?schema= names a schema of it',
    otherwise: 'dev starts its own, the others do not start',
    example: 'postgresql://backstep:change-me@db:5432/shop?schema=backstep',
    secret: true,
  },
  REDIS_URL: {
    ...url('a URL redis://host:port or rediss://host:port', ['redis:', 'rediss:']),
    text: 'Redis, as redis://host:port',
    otherwise: 'dev starts its own, the others keep the queues in PostgreSQL',
    example: 'rediss://:change-me@cache:6380',
    secret: true,
  },
  PORT: { ...whole(0, 65_535, 3_000), text: 'where it listens; 0 takes any free port', example: '8080' },
  HOST: {
    ...matching(/^[\w.:%-]{1,255}$/, 'an address or a host name', '127.0.0.1'),
    text: 'on which address it listens; one that others reach takes API_KEYS',
    example: '0.0.0.0',
  },
  API_KEYS: {
    ...entries(KEYS_EXPECTED, parseApiKey, ({ hash }) => hash),
    text: 'who may use the API: key:role or key:role:name, separated by commas; a key may be sha256:HASH',
    otherwise: 'everybody on this machine may do everything',
    example: 'sha256:e2186dbdb1bb4193608605e84f33208765b5693b55edd4f730a719a100eeea6f:operator:alice',
    secret: true,
  },
  SESSION_SECRET: {
    ...secret(32),
    text: 'signs the sessions of browsers, 32 characters or more; several API processes need the same',
    otherwise: 'each process makes one up',
    example: 'change-me-to-32-characters-or-more',
    secret: true,
  },
  SESSION_HOURS: { ...whole(1, 720, 12), text: 'how long a session lasts, in hours', example: '8' },
  RATE_LIMIT_PER_MINUTE: {
    ...whole(0, 999_999_999, 60_000),
    text: 'requests of one key a minute in one API process; 0 is no limit',
    example: '6000',
  },
  TRUST_PROXY: {
    ...whole(0, 10, 0),
    text: 'how many proxies stand before the API, whose X-Forwarded headers are believed',
    example: '1',
  },
  METRICS_PORT: {
    ...optionalWhole(0, 65_535),
    text: 'where a process without an API serves /metrics and /healthz, on HOST; 0 takes any free port',
    otherwise: 'nowhere',
    example: '9464',
  },
  SAGA_MODULES: {
    ...list('files, separated by commas', () => true),
    text: 'modules with sagas, .js or .ts',
    otherwise: 'the billing sagas',
    example: './sagas/trips.js,./sagas/refunds.js',
  },
  PROVIDER_URL: {
    ...webUrl(),
    text: 'the payment provider of the billing sagas',
    otherwise: 'dev starts a sandbox',
    example: 'http://sandbox:4010',
    secret: true,
  },
  DATA_DIR: {
    ...text('.data'),
    text: 'where dev keeps the data of its servers, and the sandbox its books',
    example: '/var/lib/backstep',
  },
  WORKER_CONCURRENCY: {
    ...whole(1, 10_000, 50),
    text: 'jobs at once in one worker; the same for who decides how many workers there should be',
    example: '20',
  },
  AUTOSCALE_MIN: { ...whole(1, MOST_WORKERS, 1), text: 'the fewest workers there should be', example: '2' },
  AUTOSCALE_MAX: {
    ...optionalWhole(1, MOST_WORKERS),
    text: 'the most workers there should be; at least AUTOSCALE_MIN',
    otherwise: 'as many as this machine has processors',
    example: '8',
  },
  GRACE_MS: {
    ...whole(0, 3_600_000, 10_000),
    text: 'how long running steps may go on after SIGTERM, in milliseconds, before they are handed back',
    example: '30000',
  },
  OUTPUT_LIMIT_BYTES: {
    ...whole(1_024, 100_000_000, 262_144),
    text: 'the largest output of a step, and the largest input, in bytes of JSON',
    example: '1048576',
  },
  RETENTION_DAYS: {
    ...whole(1, 36_500, 30),
    text: 'how long finished sagas are kept, in days',
    example: '90',
  },
  AUDIT_RETENTION_DAYS: {
    ...whole(1, 36_500, 365),
    text: 'how long the audit of what people did is kept, in days',
    example: '3650',
  },
  WEBHOOK_URLS: {
    ...list('URLs http://host or https://host without a name and password, separated by commas', isWebhookUrl),
    text: 'who is told of sagas and tasks: http or https, separated by commas',
    otherwise: 'nobody',
    example: 'https://hooks.example.com/backstep',
    secret: true,
  },
  WEBHOOK_SECRET: {
    ...secret(LEAST_SECRET),
    text: `signs what they are told, ${LEAST_SECRET} characters or more; required with WEBHOOK_URLS`,
    example: 'change-me-to-32-characters-or-more',
    secret: true,
  },
  WEBHOOK_EVENTS: {
    ...list(`some of ${NOTICE_EVENTS.join(', ')} and saga.finished:TYPE, separated by commas`, isNoticeEvent),
    text: 'what they are told of: saga.parked, task.opened, saga.finished or saga.finished:TYPE',
    otherwise: 'saga.parked and task.opened',
    example: 'saga.parked,task.opened,saga.finished:REFUND_PAYMENT',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    ...webUrl(),
    text: "where traces are sent, with OpenTelemetry's packages",
    otherwise: 'nothing is traced',
    example: 'http://collector:4318',
    secret: true,
  },
  OTEL_SERVICE_NAME: { ...text('backstep'), text: 'what traces call this process', example: 'shop-worker' },
  QUEUE_PREFIX: {
    // BullMQ joins the prefix and its own keys by colons.
    ...matching(/^[^\s:]{1,100}$/, 'up to 100 characters without spaces or colons', '{backstep}'),
    text: "the prefix of BullMQ's keys; its braces are a hash tag for Redis Cluster",
    example: '{shop}',
  },
  LOG_LEVEL: { ...oneOf(LEVELS, 'info'), text: `the least that is logged: ${LEVELS.join(', ')}`, example: 'debug' },
  PATH: { ...text(''), text: 'where dev looks for PostgreSQL and Redis', example: '/usr/local/bin:/usr/bin' },
} as const satisfies Readonly<Record<string, Variable>>;

export type SettingName = keyof typeof VARIABLES;
