import { configured, type ServerCommand } from './command.ts';

const SERVERS = ['DATABASE_URL', 'REDIS_URL', 'QUEUE_PREFIX'] as const;
const RUNNING = ['SAGA_MODULES', 'PROVIDER_URL', 'OUTPUT_LIMIT_BYTES'] as const;
const KEEPING = ['RETENTION_DAYS', 'AUDIT_RETENTION_DAYS'] as const;
const TELLING = [
  'WEBHOOK_URLS',
  'WEBHOOK_SECRET',
  'WEBHOOK_EVENTS',
  'LOG_LEVEL',
  'OTEL_EXPORTER_OTLP_ENDPOINT',
  'OTEL_SERVICE_NAME',
] as const;
const GUARDING = ['API_KEYS', 'SESSION_SECRET', 'SESSION_HOURS', 'RATE_LIMIT_PER_MINUTE', 'TRUST_PROXY'] as const;
const SCALING = ['WORKER_CONCURRENCY', 'AUTOSCALE_MIN', 'AUTOSCALE_MAX'] as const;

export const COMMANDS: Readonly<Record<string, ServerCommand>> = {
  dev: configured({
    summary: 'everything on this machine: servers, migrations, API and workers',
    options: ['sagas', 'port', 'host', 'min', 'max'],
    settings: [
      ...SERVERS,
      'PORT',
      'HOST',
      ...GUARDING,
      'DATA_DIR',
      'PATH',
      ...RUNNING,
      ...SCALING,
      'GRACE_MS',
      ...KEEPING,
      ...TELLING,
    ],
    examples: ['dev', 'dev --sagas ./trips.ts --port 8080'],
    load: async () => (await import('./commands/dev.ts')).dev,
  }),
  api: configured({
    summary: 'the HTTP API and the dashboard; needs DATABASE_URL',
    options: ['sagas', 'port', 'host', 'min', 'max'],
    settings: [...SERVERS, 'PORT', 'HOST', ...GUARDING, ...RUNNING, ...SCALING, ...TELLING],
    examples: ['api --host 0.0.0.0 --port 3000'],
    load: async () => (await import('./commands/api.ts')).api,
  }),
  worker: configured({
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
  }),
  autoscale: configured({
    summary: 'as many workers on this machine as there is work for; needs DATABASE_URL',
    options: ['sagas', 'min', 'max', 'host'],
    settings: [...SERVERS, 'HOST', 'METRICS_PORT', ...RUNNING, ...SCALING, 'GRACE_MS', ...KEEPING, ...TELLING],
    examples: ['autoscale --min 1 --max 8'],
    load: async () => (await import('./commands/autoscale.ts')).autoscale,
  }),
  migrate: configured({
    summary: 'brings the database at DATABASE_URL to the schema of this version',
    options: [],
    settings: ['DATABASE_URL'],
    examples: ['migrate'],
    load: async () => (await import('./commands/migrate.ts')).migrateCommand,
  }),
  init: {
    summary: 'a project to begin with, in an empty folder: a saga, its test, servers',
    operand: '[folder]',
    options: ['package'],
    settings: [],
    examples: ['init trips', 'init . --name trips'],
    run: async (words, stdout) => (await import('./commands/init.ts')).init(words, stdout),
  },
  key: {
    summary: 'makes a key for the API, and its entry for API_KEYS',
    options: ['role', 'name'],
    settings: [],
    examples: ['key --role operator --name ada'],
    run: async (words, stdout) => (await import('./commands/key.ts')).key(words, stdout),
  },
};
