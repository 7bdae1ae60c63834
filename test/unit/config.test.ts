import { availableParallelism } from 'node:os';
import { readConfig } from '../../src/config.ts';
import { StartupError } from '../../src/startup-error.ts';

test('nothing set gives the defaults', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    port: 3000,
    metricsPort: undefined,
    host: '127.0.0.1',
    apiKeys: [],
    sagaModules: [],
    logLevel: 'info',
    queuePrefix: '{backstep}',
    providerUrl: undefined,
    dataDir: '.data',
    workerConcurrency: 50,
    graceMs: 10_000,
    autoscaleMin: 1,
    autoscaleMax: availableParallelism(),
    outputLimitBytes: 262_144,
    retentionDays: 30,
    auditRetentionDays: 365,
    otlpEndpoint: undefined,
    serviceName: 'backstep',
    path: '',
    settings: {},
  });
});

test('every variable is read', () => {
  const config = readConfig({
    DATABASE_URL: 'postgresql://app:secret@db/shop',
    REDIS_URL: 'rediss://cache:6380',
    PORT: '8080',
    METRICS_PORT: '9464',
    HOST: '0.0.0.0',
    API_KEYS: 'abc:viewer, de:f:operator',
    SAGA_MODULES: './a.ts, ./b.js',
    LOG_LEVEL: 'debug',
    QUEUE_PREFIX: '{shop}',
    PROVIDER_URL: 'https://pay.example',
    DATA_DIR: '/srv/data',
    WORKER_CONCURRENCY: '8',
    GRACE_MS: '500',
    AUTOSCALE_MIN: '2',
    AUTOSCALE_MAX: '6',
    OUTPUT_LIMIT_BYTES: '4096',
    RETENTION_DAYS: '7',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    OTEL_SERVICE_NAME: 'shop',
  });
  expect(config).toMatchObject({
    databaseUrl: 'postgresql://app:secret@db/shop',
    redisUrl: 'rediss://cache:6380',
    port: 8080,
    metricsPort: 9464,
    host: '0.0.0.0',
    apiKeys: [
      { key: 'abc', role: 'viewer' },
      { key: 'de:f', role: 'operator' },
    ],
    sagaModules: ['./a.ts', './b.js'],
    logLevel: 'debug',
    queuePrefix: '{shop}',
    providerUrl: 'https://pay.example',
    dataDir: '/srv/data',
    otlpEndpoint: 'http://collector:4318',
    serviceName: 'shop',
    workerConcurrency: 8,
    graceMs: 500,
    autoscaleMin: 2,
    autoscaleMax: 6,
    outputLimitBytes: 4_096,
    retentionDays: 7,
    auditRetentionDays: 365,
  });
});

test('the config cannot be changed', () => {
  expect(Object.isFrozen(readConfig({}))).toBe(true);
});

test('a variable set to nothing counts as not set', () => {
  expect(readConfig({ PORT: '', LOG_LEVEL: ' ', REDIS_URL: '' })).toMatchObject({
    port: 3000,
    logLevel: 'info',
    redisUrl: undefined,
  });
});

test('a saga module may ask for settings of its own', () => {
  expect(readConfig({ SHOP_TOKEN: 'x' }).settings['SHOP_TOKEN']).toBe('x');
});

test.each([
  ['PORT', '70000', 'PORT: expected a whole number from 0 to 65535, got "70000"'],
  ['PORT', '80a', 'PORT: expected a whole number from 0 to 65535, got "80a"'],
  ['PORT', '-1', 'PORT: expected a whole number from 0 to 65535, got "-1"'],
  ['WORKER_CONCURRENCY', '0', 'WORKER_CONCURRENCY: expected a whole number from 1 to 10000, got "0"'],
  ['AUTOSCALE_MIN', '0', 'AUTOSCALE_MIN: expected a whole number from 1 to 1000, got "0"'],
  ['AUTOSCALE_MAX', 'all', 'AUTOSCALE_MAX: expected a whole number from 1 to 1000, got "all"'],
  ['LOG_LEVEL', 'loud', 'LOG_LEVEL: expected one of fatal, error, warn, info, debug, trace, silent, got "loud"'],
  ['QUEUE_PREFIX', 'a:b', 'QUEUE_PREFIX: expected up to 100 characters without spaces or colons, got "a:b"'],
])('%s=%s is refused by name, expected and got', (name, value, message) => {
  expect(() => readConfig({ [name]: value })).toThrow(new StartupError(message));
});

test.each([
  ['DATABASE_URL', 'mysql://root:hunter2@db/shop'],
  ['REDIS_URL', 'cache:hunter2'],
  ['API_KEYS', 'hunter2'],
  ['API_KEYS', 'hunter2:admin'],
  ['API_KEYS', 'hunter2:viewer,hunter2:operator'],
  ['PROVIDER_URL', 'ftp://hunter2@pay'],
])('%s is refused without repeating it, as it may hold a secret', (name, value) => {
  const read = () => readConfig({ [name]: value });
  expect(read).toThrow(new RegExp(`^${name}: expected .+, got a text of ${value.length} characters`));
  expect(read).not.toThrow(/hunter2/);
});

test('the most workers are at least the fewest, also when only the fewest are given', () => {
  expect(readConfig({ AUTOSCALE_MIN: '900' })).toMatchObject({ autoscaleMin: 900, autoscaleMax: 900 });
  expect(() => readConfig({ AUTOSCALE_MIN: '4', AUTOSCALE_MAX: '3' })).toThrow(
    new StartupError('AUTOSCALE_MAX: expected a whole number from 4, which AUTOSCALE_MIN is, to 1000, got "3"'),
  );
});

test('all that is wrong is told at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .+; LOG_LEVEL: /);
});
