/** What the help says of each variable that src/config.ts reads, in its order. */
export const SETTINGS = {
  DATABASE_URL: 'postgresql://user:password@host:port/database; dev starts its own without it',
  REDIS_URL: 'redis://host:port; without it dev starts its own, the others keep the queues in PostgreSQL',
  PORT: 'as --port',
  HOST: 'as --host; one that others reach takes API_KEYS',
  API_KEYS: 'who may use the API: key:role or key:role:name, separated by commas; a key may be sha256:HASH',
  SESSION_SECRET: 'signs the sessions of browsers, 32 characters or more; several API processes need the same',
  SESSION_HOURS: 'how long a session lasts. Default 12',
  RATE_LIMIT_PER_MINUTE: 'requests of one key in one API process; 0 is no limit. Default 60000',
  TRUST_PROXY: 'how many proxies stand before the API. Default 0',
  METRICS_PORT: 'where worker and autoscale serve /metrics and /healthz. Default: nowhere',
  SAGA_MODULES: 'files as --sagas, separated by commas',
  PROVIDER_URL: 'the payment provider of the billing sagas; dev starts a sandbox without it',
  DATA_DIR: "where dev keeps its servers' data. Default .data",
  WORKER_CONCURRENCY: 'jobs at once in one worker. Default 50',
  AUTOSCALE_MIN: 'as --min; the API reports how many workers a cluster should have within',
  AUTOSCALE_MAX: 'as --max',
  GRACE_MS: 'how long running steps may go on after SIGTERM. Default 10000',
  OUTPUT_LIMIT_BYTES: 'the largest output of a step, and the largest input, as JSON. Default 262144',
  RETENTION_DAYS: 'how long finished sagas are kept. Default 30',
  AUDIT_RETENTION_DAYS: 'how long the audit of what people did is kept. Default 365',
  WEBHOOK_URLS: 'who is told of sagas and tasks: http or https, separated by commas. Default: nobody',
  WEBHOOK_SECRET: 'signs what they are told, 32 characters or more; required with WEBHOOK_URLS',
  WEBHOOK_EVENTS: 'saga.parked, task.opened, saga.finished or saga.finished:TYPE. Default the first two',
  OTEL_EXPORTER_OTLP_ENDPOINT:
    "where traces are sent; nothing is traced without it, and without OpenTelemetry's packages",
  OTEL_SERVICE_NAME: 'what traces call this process. Default backstep',
  QUEUE_PREFIX: "the prefix of BullMQ's keys. Default {backstep}",
  LOG_LEVEL: 'fatal, error, warn, info, debug, trace or silent. Default info',
} as const;

export type SettingName = keyof typeof SETTINGS;

/** Those of the commands that talk to the API. */
export const CLIENT_SETTINGS = {
  BACKSTEP_URL: 'where the API is, as --url. Default http://127.0.0.1:3000',
  BACKSTEP_KEY: 'the API key',
  NO_COLOR: 'set to anything: no colours',
} as const;
