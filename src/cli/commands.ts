import type { Config } from '../config.ts';
import type { SettingName } from './settings.ts';

/** Runs until it is done or stopped; returns the exit code. Throws a `StartupError` for what the user can mend. */
export type Command = (config: Config) => Promise<number>;

export type ServerOption = 'sagas' | 'port' | 'host' | 'min' | 'max';

/** A command that runs a part of Backstep. */
export interface ServerCommand {
  readonly summary: string;
  /** What matters to it, for its help. */
  readonly options: readonly ServerOption[];
  readonly settings: readonly SettingName[];
  readonly examples: readonly string[];
  /** Imported when it is run: the operators' commands start without Express, BullMQ and Prisma. */
  readonly load: () => Promise<Command>;
}

const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'QUEUE_PREFIX'] as const;
const RUNNING = ['SAGA_MODULES', 'PROVIDER_URL', 'OUTPUT_LIMIT_BYTES'] as const;
const KEEPING = ['RETENTION_DAYS', 'AUDIT_RETENTION_DAYS'] as const;
const TELLING = ['LOG_LEVEL', 'OTEL_EXPORTER_OTLP_ENDPOINT', 'OTEL_SERVICE_NAME'] as const;
const GUARDING = ['API_KEYS', 'SESSION_SECRET', 'SESSION_HOURS', 'RATE_LIMIT_PER_MINUTE', 'TRUST_PROXY'] as const;
const SCALING = ['WORKER_CONCURRENCY', 'AUTOSCALE_MIN', 'AUTOSCALE_MAX'] as const;

export const COMMANDS: Readonly<Record<string, ServerCommand>> = {
  dev: {
    summary: 'everything on this machine: servers, migrations, API, workers and a sandbox payment provider',
    options: ['sagas', 'port', 'host', 'min', 'max'],
    settings: [
      ...SERVERS,
      'PORT',
      'HOST',
      ...GUARDING,
      'DATA_DIR',
      ...RUNNING,
      ...SCALING,
      'GRACE_MS',
      ...KEEPING,
      ...TELLING,
    ],
    examples: ['dev', 'dev --sagas ./trips.ts --port 8080'],
    load: async () => (await import('./commands/dev.ts')).dev,
  },
  api: {
    summary: 'the HTTP API and the dashboard; needs DATABASE_URL',
    options: ['sagas', 'port', 'host', 'min', 'max'],
    settings: [...SERVERS, 'PORT', 'HOST', ...GUARDING, ...RUNNING, ...SCALING, ...KEEPING, ...TELLING],
    examples: ['api --host 0.0.0.0 --port 3000'],
    load: async () => (await import('./commands/api.ts')).api,
  },
  worker: {
    summary: 'runs sagas; needs DATABASE_URL',
    options: ['sagas', 'host'],
    settings: [
      ...SERVERS,
      'HOST',
      'METRICS_PORT',
      ...RUNNING,
      'WORKER_CONCURRENCY',
      'GRACE_MS',
      ...KEEPING,
      ...TELLING,
    ],
    examples: ['worker', 'worker --sagas ./trips.js'],
    load: async () => (await import('./commands/worker.ts')).worker,
  },
  autoscale: {
    summary: 'as many workers on this machine as there is work for; needs DATABASE_URL',
    options: ['sagas', 'min', 'max', 'host'],
    settings: [...SERVERS, 'HOST', 'METRICS_PORT', ...RUNNING, ...SCALING, 'GRACE_MS', ...KEEPING, ...TELLING],
    examples: ['autoscale --min 1 --max 8'],
    load: async () => (await import('./commands/autoscale.ts')).autoscale,
  },
  migrate: {
    summary: 'brings the database at DATABASE_URL to the schema of this version',
    options: [],
    settings: ['DATABASE_URL'],
    examples: ['migrate'],
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  },
  sandbox: {
    summary: 'a payment provider to try things on',
    options: ['port', 'host'],
    settings: ['PORT', 'HOST', 'DATA_DIR'],
    examples: ['sandbox --port 4000'],
    load: async () => (await import('./commands/sandbox.ts')).sandbox,
  },
};
