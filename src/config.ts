/** The only reader of the environment: everything else is given a `Config`. */
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import type { ApiKey } from './api-keys.ts';
import type { WebhookOptions } from './core/notice.ts';
import { DEFAULT_EVENTS } from './core/notice.ts';
import { CLIENT_VARIABLES } from './environment/client-variables.ts';
import { nearMisses } from './environment/near-miss.ts';
import { LEVELS, MOST_WORKERS, type SettingName, type Variable, VARIABLES } from './environment/variables.ts';
import { StartupError } from './startup-error.ts';

export type LogLevel = (typeof LEVELS)[number];

export interface Config {
  /** `DATABASE_URL`. */
  readonly databaseUrl: string | undefined;
  /** `REDIS_URL`. */
  readonly redisUrl: string | undefined;
  /** `PORT`, default 3000; 0 takes any free one. */
  readonly port: number;
  /** `METRICS_PORT`: where `worker` and `autoscale` serve `/metrics` and `/healthz`; 0 takes any free one. Not set: nowhere. */
  readonly metricsPort: number | undefined;
  /** `HOST`, default 127.0.0.1: other machines are let in only when one says so. */
  readonly host: string;
  /** `API_KEYS`: `key:role[:name],…`, a key as it is or as `sha256:` and its hash. Empty: no key is asked for. */
  readonly apiKeys: readonly ApiKey[];
  /** `SESSION_SECRET`, at least 32 characters: signs the sessions of browsers. Not set: each process makes one up. */
  readonly sessionSecret: string | undefined;
  /** `SESSION_HOURS`, default 12: how long a session lasts, whatever happens in it. */
  readonly sessionHours: number;
  /** `RATE_LIMIT_PER_MINUTE`, default 60000: requests of one key in one process; 0 is no limit. */
  readonly rateLimitPerMinute: number;
  /** `TRUST_PROXY`, default 0: how many proxies stand before the API, whose X-Forwarded headers are believed. */
  readonly trustProxy: number;
  /** `SAGA_MODULES`: files, comma-separated. Empty: the billing sagas. */
  readonly sagaModules: readonly string[];
  /** `LOG_LEVEL`, default `info`. */
  readonly logLevel: LogLevel;
  /** `QUEUE_PREFIX`, default `{backstep}`: the prefix of BullMQ's keys; its braces are a hash tag for Redis Cluster. */
  readonly queuePrefix: string;
  /** `PROVIDER_URL`: the payment provider of the billing sagas. */
  readonly providerUrl: string | undefined;
  /** `DATA_DIR`, default `.data`: where `backstep dev` keeps the servers it starts. */
  readonly dataDir: string;
  /** `WORKER_CONCURRENCY`, default 50: jobs at once in one worker process. */
  readonly workerConcurrency: number;
  /** `GRACE_MS`, default 10000: how long running steps may go on after SIGTERM before they are handed back. */
  readonly graceMs: number;
  /** `AUTOSCALE_MIN`, default 1: the fewest worker processes of `backstep autoscale` and `backstep dev`. */
  readonly autoscaleMin: number;
  /** `AUTOSCALE_MAX`, default as many as this machine has processors: the most. At least the minimum. */
  readonly autoscaleMax: number;
  /** `OUTPUT_LIMIT_BYTES`, default 262144: the largest output of a step, and the largest input, as JSON text. */
  readonly outputLimitBytes: number;
  /** `RETENTION_DAYS`, default 30: how long finished sagas are kept. */
  readonly retentionDays: number;
  /** `AUDIT_RETENTION_DAYS`, default 365: how long the audit of what people did is kept. */
  readonly auditRetentionDays: number;
  /** `WEBHOOK_URLS`, comma-separated, with `WEBHOOK_SECRET` and `WEBHOOK_EVENTS`: who is told of sagas and tasks. Not set: nobody. */
  readonly webhooks: WebhookOptions | undefined;
  /** `OTEL_EXPORTER_OTLP_ENDPOINT`: where traces are sent. Without it nothing is traced. */
  readonly otlpEndpoint: string | undefined;
  /** `OTEL_SERVICE_NAME`, default `backstep`: what traces call this process. */
  readonly serviceName: string;
  /** `PATH`: where `backstep dev` looks for servers. */
  readonly path: string;
  /** The environment without what guards the API and signs webhooks, for saga modules: their settings are not ours to know. */
  readonly settings: Readonly<Record<string, string | undefined>>;
}

type Schemas<V extends Readonly<Record<string, Variable>>> = { readonly [N in keyof V]: V[N]['schema'] };

function schemasOf<V extends Readonly<Record<string, Variable>>>(variables: V): Schemas<V> {
  return Object.fromEntries(Object.entries(variables).map(([name, { schema }]) => [name, schema])) as Schemas<V>;
}

const variables = z.object(schemasOf(VARIABLES));

const environment = variables.superRefine((given, context) => {
  if (given.WEBHOOK_URLS.length > 0 && given.WEBHOOK_SECRET === undefined)
    context.addIssue({ code: 'custom', path: ['WEBHOOK_SECRET'], message: 'a secret, because WEBHOOK_URLS is set' });
  const { AUTOSCALE_MIN: min, AUTOSCALE_MAX: max } = given;
  // What is no number of workers at all is refused by its own rule.
  if (max === undefined || !(max >= 1 && max < min)) return;
  const message = `a whole number from ${min}, which AUTOSCALE_MIN is, to ${MOST_WORKERS}`;
  context.addIssue({ code: 'custom', path: ['AUTOSCALE_MAX'], message });
});

const ALL: Readonly<Record<string, Variable>> = { ...VARIABLES, ...CLIENT_VARIABLES };
const NAMES: ReadonlySet<string> = new Set(Object.keys(ALL));

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Options of the command line win over the environment, and follow its rules. A name that is nearly one of `reads`, the
 * variables that matter to the command, is refused. Throws as `readConfig` does.
 */
export function readConfigWith(options: Environment, reads: readonly SettingName[]): Config {
  const env = { ...process.env, ...options };
  refuseNearMisses(env, reads);
  return readConfig(env);
}

/**
 * Reads the environment. A variable that is set to nothing counts as not set. Throws a `StartupError` that names the
 * variable, what was expected and what it is.
 */
export function readConfig(env: Environment = process.env): Config {
  const data = parseEnvironment(environment, env);
  const { API_KEYS: _keys, SESSION_SECRET: _secret, WEBHOOK_SECRET: _webhooks, ...settings } = env;
  return Object.freeze({
    databaseUrl: data.DATABASE_URL,
    redisUrl: data.REDIS_URL,
    port: data.PORT,
    metricsPort: data.METRICS_PORT,
    host: data.HOST,
    apiKeys: data.API_KEYS,
    sessionSecret: data.SESSION_SECRET,
    sessionHours: data.SESSION_HOURS,
    rateLimitPerMinute: data.RATE_LIMIT_PER_MINUTE,
    trustProxy: data.TRUST_PROXY,
    sagaModules: data.SAGA_MODULES,
    logLevel: data.LOG_LEVEL,
    queuePrefix: data.QUEUE_PREFIX,
    providerUrl: data.PROVIDER_URL,
    dataDir: data.DATA_DIR,
    workerConcurrency: data.WORKER_CONCURRENCY,
    graceMs: data.GRACE_MS,
    autoscaleMin: data.AUTOSCALE_MIN,
    autoscaleMax: data.AUTOSCALE_MAX ?? Math.max(data.AUTOSCALE_MIN, availableParallelism()),
    outputLimitBytes: data.OUTPUT_LIMIT_BYTES,
    retentionDays: data.RETENTION_DAYS,
    auditRetentionDays: data.AUDIT_RETENTION_DAYS,
    webhooks: webhooksOf(data),
    otlpEndpoint: data.OTEL_EXPORTER_OTLP_ENDPOINT,
    serviceName: data.OTEL_SERVICE_NAME,
    path: data.PATH,
    settings: Object.freeze({ ...settings }),
  });
}

function webhooksOf(data: z.output<typeof variables>): WebhookOptions | undefined {
  const { WEBHOOK_URLS: urls, WEBHOOK_SECRET: secret, WEBHOOK_EVENTS: events } = data;
  if (urls.length === 0 || secret === undefined) return undefined;
  return { urls, secret, events: events.length === 0 ? DEFAULT_EVENTS : events };
}

/** What the operators' commands need: they talk to the API, and run wherever somebody sits. */
export interface ClientConfig {
  /** `BACKSTEP_URL`, default http://127.0.0.1:3000: the API, or a path below which it is. */
  readonly apiUrl: string;
  /** `BACKSTEP_KEY`: the API key. Without it none is sent. */
  readonly apiKey: string | undefined;
  /** False: `NO_COLOR` is set to anything, or `TERM` is `dumb`. */
  readonly colours: boolean;
}

const clientVariables = z.object(schemasOf(CLIENT_VARIABLES));

/** Reads the variables of the operators' commands, and no others: a malformed `PORT` is none of theirs. Throws as `readConfig`. */
export function readClientConfig(given: Environment = {}, env: Environment = process.env): ClientConfig {
  const all = { ...env, ...given };
  refuseNearMisses(all, Object.keys(CLIENT_VARIABLES));
  const data = parseEnvironment(clientVariables, all);
  const colours = data.NO_COLOR === undefined && data.TERM !== 'dumb';
  return Object.freeze({ apiUrl: data.BACKSTEP_URL, apiKey: data.BACKSTEP_KEY, colours });
}

function parseEnvironment<T>(schema: z.ZodType<T>, env: Environment): T {
  const given = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value.trim() !== ''),
  );
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new StartupError(parsed.error.issues.map((issue) => refusal(issue, given)).join('; '));
}

function refusal({ path, message }: z.core.$ZodIssue, env: Environment): string {
  const name = String(path[0]);
  const value = env[name] ?? '';
  const got = ALL[name]?.secret ? `a text of ${value.length} characters that is not` : JSON.stringify(value);
  return `${name}: expected ${message}, got ${got}`;
}

function refuseNearMisses(env: Environment, wanted: readonly string[]): void {
  const refusals = nearMisses(env, wanted, NAMES).map(
    ({ name, meant }) =>
      `${name}: expected ${meant}, which is not set. If ${name} is another program's, set ${meant} too, to nothing if need be`,
  );
  if (refusals.length > 0) throw new StartupError(refusals.join('; '));
}
