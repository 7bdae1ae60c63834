import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { hashedEntry, hashOfKey as sha256, isKeyName, ROLES } from '../../src/api-keys.ts';
import { readClientConfig, readConfig } from '../../src/config.ts';
import { StartupError } from '../../src/startup-error.ts';

test('nothing set gives the defaults', () => {
  expect(readConfig({})).toEqual({
    databaseUrl: undefined,
    redisUrl: undefined,
    port: 3000,
    metricsPort: undefined,
    host: '127.0.0.1',
    apiKeys: [],
    sessionSecret: undefined,
    sessionHours: 12,
    rateLimitPerMinute: 60_000,
    trustProxy: 0,
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
    webhooks: undefined,
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
    API_KEYS: 'abc:viewer, de:f:operator:alice',
    SESSION_SECRET: 's'.repeat(32),
    SESSION_HOURS: '1',
    RATE_LIMIT_PER_MINUTE: '0',
    TRUST_PROXY: '1',
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
      { hash: sha256('abc'), role: 'viewer', name: `viewer-${sha256('abc').slice(0, 8)}` },
      { hash: sha256('de:f'), role: 'operator', name: 'alice' },
    ],
    sessionSecret: 's'.repeat(32),
    sessionHours: 1,
    rateLimitPerMinute: 0,
    trustProxy: 1,
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

describe('API_KEYS', () => {
  const keysOf = (text: string) => readConfig({ API_KEYS: text }).apiKeys;

  test('may hold hashes, which are the same keys', () => {
    expect(keysOf(`sha256:${sha256('abc').toUpperCase()}:starter`)).toEqual(keysOf('abc:starter'));
    expect(keysOf(`sha256:${sha256('abc')}:starter:shop`)).toEqual(keysOf('abc:starter:shop'));
  });

  test('may hold keys with colons, whatever roles are in them', () => {
    expect(keysOf('a:viewer:operator')).toMatchObject([{ hash: sha256('a:viewer'), role: 'operator' }]);
    expect(keysOf('a:viewer:operator:b.c-d')).toMatchObject([{ hash: sha256('a:viewer'), name: 'b.c-d' }]);
    expect(keysOf('a::viewer')).toMatchObject([{ hash: sha256('a:'), role: 'viewer' }]);
  });

  test('any key, role and name is read as it was written', () => {
    const texts = fc.string({
      minLength: 1,
      unit: fc.constantFrom('a', 'Z', '9', ':', '-', '=', '.', 'viewer', 'sha'),
    });
    const names = fc.stringMatching(/^[a-z][\w.-]{0,49}$/).filter(isKeyName);
    fc.assert(
      fc.property(texts, fc.constantFrom(...ROLES), fc.option(names, { nil: undefined }), (key, role, name) => {
        const hash = sha256(key);
        const expected = { hash, role, name: name ?? `${role}-${hash.slice(0, 8)}` };
        expect(keysOf([key, role, ...(name === undefined ? [] : [name])].join(':'))).toEqual([expected]);
        expect(keysOf(hashedEntry(key, role, name))).toEqual([expected]);
      }),
    );
  });

  test('and the secret of sessions are kept from saga modules', () => {
    const { settings } = readConfig({
      API_KEYS: 'hunter2:viewer',
      SESSION_SECRET: 'hunter2'.repeat(5),
      WEBHOOK_SECRET: 'hunter2'.repeat(5),
      SHOP: 'x',
    });
    expect(settings).toEqual({ SHOP: 'x' });
  });
});

test('webhooks are told of parked sagas and opened tasks, unless one says of what', () => {
  const secret = 's'.repeat(32);
  const urls = ['https://hooks.example/x', 'http://127.0.0.1:1/y'];
  const read = (events?: string) =>
    readConfig({ WEBHOOK_URLS: urls.join(', '), WEBHOOK_SECRET: secret, WEBHOOK_EVENTS: events }).webhooks;
  expect(read()).toEqual({ urls, secret, events: ['saga.parked', 'task.opened'] });
  expect(read('saga.finished:TRIP,saga.parked')?.events).toEqual(['saga.finished:TRIP', 'saga.parked']);
  expect(() => readConfig({ WEBHOOK_URLS: urls[0] })).toThrow(/^WEBHOOK_SECRET: expected a secret/);
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
  [
    'WEBHOOK_EVENTS',
    'saga.lost',
    'WEBHOOK_EVENTS: expected some of saga.parked, saga.finished, task.opened and saga.finished:TYPE, separated by commas, got "saga.lost"',
  ],
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
  ['API_KEYS', `hunter2:viewer,sha256:${sha256('hunter2')}:operator`],
  ['API_KEYS', 'hunter2:viewer:Alice'],
  ['API_KEYS', `hunter2:viewer:${'a'.repeat(51)}`],
  ['API_KEYS', 'hunter2:alice'],
  ['API_KEYS', 'sha256:hunter2:viewer'],
  ['API_KEYS', ':viewer:hunter2'],
  ['SESSION_SECRET', 'hunter2'],
  ['PROVIDER_URL', 'ftp://hunter2@pay'],
  ['WEBHOOK_URLS', 'https://me:hunter2@hooks'],
  ['WEBHOOK_URLS', 'https://a.example,hunter2'],
  ['WEBHOOK_SECRET', 'hunter2'],
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

describe('the commands of operators', () => {
  test('read where the API is, the key, and whether there are colours', () => {
    expect(readClientConfig({}, {})).toEqual({ apiUrl: 'http://127.0.0.1:3000', apiKey: undefined, colours: true });
    const env = { BACKSTEP_URL: 'https://ops.example/backstep', BACKSTEP_KEY: ' abc\n', NO_COLOR: '1' };
    const config = { apiUrl: 'https://ops.example/backstep', apiKey: 'abc', colours: false };
    expect(readClientConfig({}, env)).toEqual(config);
    expect(readClientConfig({ BACKSTEP_KEY: 'def' }, env)).toEqual({ ...config, apiKey: 'def' });
    expect(readClientConfig({}, { TERM: 'dumb' }).colours).toBe(false);
  });

  test('do not mind what is set for others', () => {
    expect(() => readClientConfig({}, { PORT: 'http', DATABASE_URL: 'nowhere' })).not.toThrow();
  });

  test.each([
    [{ BACKSTEP_URL: 's3cret' }, /^BACKSTEP_URL: expected a URL http:\/\/host:port/],
    [{ BACKSTEP_URL: 'ftp://s3cret' }, /^BACKSTEP_URL: expected a URL http:\/\/host:port/],
    [{ BACKSTEP_URL: 'http://me:s3cret@host' }, /^BACKSTEP_URL: expected a URL without a user and password/],
    [{ BACKSTEP_KEY: 's3cret\nX-Evil: 1' }, /^BACKSTEP_KEY: expected a key of visible ASCII characters/],
  ])('refuse %j without repeating it', (env, message) => {
    const read = () => readClientConfig({}, env);
    expect(read).toThrow(StartupError);
    expect(read).toThrow(message);
    expect(read).toThrow(/^(?!.*s3cret)/);
  });
});
