import { describe, expect, test } from '@jest/globals';
import { COMMANDS } from '../../src/cli/commands.ts';
import { isSettingOption, SETTING_OPTIONS } from '../../src/cli/options.ts';
import { type Environment, readClientConfig, readConfig, readConfigWith } from '../../src/config.ts';
import { CLIENT_VARIABLES } from '../../src/environment/client-variables.ts';
import { ANY_TEXT } from '../../src/environment/kinds.ts';
import { nearMisses } from '../../src/environment/near-miss.ts';
import { type SettingName, type Variable, VARIABLES } from '../../src/environment/variables.ts';
import { StartupError } from '../../src/startup-error.ts';

const readClient = (env: Environment) => readClientConfig({}, env);
type Case = readonly [name: string, variable: Variable, read: (env: Environment) => unknown];
const CASES: readonly Case[] = [
  ...Object.entries<Variable>(VARIABLES).map(([name, variable]): Case => [name, variable, readConfig]),
  ...Object.entries<Variable>(CLIENT_VARIABLES).map(([name, variable]): Case => [name, variable, readClient]),
];
/** What goes with it. */
const BESIDE: Environment = { WEBHOOK_SECRET: 's'.repeat(32) };
/** Nobody's port, URL, number, key, name, file or word: spaces, a colon, an é, and nothing to be cut off. */
const RUBBISH = '#: é,!';

const free = ({ expected }: Variable) => expected === ANY_TEXT || expected.startsWith('files');

describe.each(CASES)('%s', (name, variable, read) => {
  test('takes its example, and its default', () => {
    expect(() => read({ ...BESIDE, [name]: variable.example })).not.toThrow();
    const { fallback } = variable;
    if (fallback === undefined) return;
    const without = ({ settings: _settings, ...config }: { settings?: unknown }) => config;
    expect(without(read({ [name]: fallback }) as object)).toEqual(without(read({}) as object));
  });

  test('says what it is for, and what holds without it', () => {
    expect(variable.text).toMatch(/^\S.*[^.\s]$/);
    expect(variable.fallback !== undefined && variable.otherwise !== undefined).toBe(false);
  });
});

describe.each(CASES.filter(([, variable]) => !free(variable)))('%s', (name, variable, read) => {
  test('is refused by its name, with what was expected, and with what was got where that is no secret', () => {
    const refused = () => read({ [name]: RUBBISH });
    const got = variable.secret ? `a text of ${RUBBISH.length} characters that is not` : JSON.stringify(RUBBISH);
    expect(refused).toThrow(StartupError);
    expect(refused).toThrow(`${name}: expected ${variable.expected}, got ${got}`);
    if (variable.secret) expect(refused).not.toThrow(RUBBISH);
  });
});

test('what may hold a key, a password or a token is a secret', () => {
  const named = CASES.filter(([name]) => /(KEYS?|SECRET|URLS?|ENDPOINT)$/.test(name));
  expect(named.length).toBeGreaterThan(8);
  expect(named.filter(([, { secret }]) => secret !== true).map(([name]) => name)).toEqual([]);
});

describe('a name that is nearly ours', () => {
  const all = Object.keys(VARIABLES) as SettingName[];
  const misses = (env: Environment, wanted: readonly string[] = all) => nearMisses(env, wanted, new Set(all));
  const pairs = (env: Environment) => misses(env).map(({ name, meant }) => [name, meant]);

  test.each([
    ['DATABSE_URL', 'DATABASE_URL'],
    ['DATABASE_URI', 'DATABASE_URL'],
    ['database_url', 'DATABASE_URL'],
    ['DATABASE-URL', 'DATABASE_URL'],
    ['REDIS_URLS', 'REDIS_URL'],
    ['API_KEY', 'API_KEYS'],
    ['RETENTION_DAY', 'RETENTION_DAYS'],
    ['RETENTOIN_DAYS', 'RETENTION_DAYS'],
    ['SESION_SECRETS', 'SESSION_SECRET'],
    ['WORKERS_CONCURENCY', 'WORKER_CONCURRENCY'],
    ['GRACE_SM', 'GRACE_MS'],
    ['SAGA_MODULE', 'SAGA_MODULES'],
  ])('%s is taken for %s', (name, meant) => {
    expect(pairs({ [name]: 'x' })).toEqual([[name, meant]]);
  });

  test('every name with a letter lost, doubled or swapped is taken for it', () => {
    for (const name of all.filter(({ length }) => length >= 7))
      for (let at = 0; at < name.length; at += 1) {
        const [before, letter = '', after] = [name.slice(0, at), name[at], name.slice(at + 1)];
        const slips = [
          before + after,
          before + letter + letter + after,
          before + after.slice(0, 1) + letter + after.slice(1),
        ];
        for (const slip of slips.filter((each) => !all.includes(each as SettingName)))
          expect([slip, pairs({ [slip]: 'x' })]).toEqual([slip, [[slip, name]]]);
      }
  });

  test('what platforms, shells and other programs set is none of ours', () => {
    const names = `
      REDIS_PORT REDIS_HOST REDIS_SERVICE_HOST REDIS_PORT_6379_TCP PORT_3000_TCP POSTGRES_URL
      DATABASE_HOST DATABASE_NAME DATABASE_PORT DATABASE_USER DATABASE_SSL DATABASE_PASSWORD
      npm_config_prefix npm_package_name NODE_ENV NODE_OPTIONS HOSTNAME PATHEXT POST PORTS
      XDG_DATA_DIRS OTEL_EXPORTER_OTLP_TRACES_ENDPOINT OTEL_EXPORTER_OTLP_HEADERS OTEL_SDK_DISABLED
      SESSION_MANAGER BACKSTEP_SERVICE_HOST BACKSTEP_API_PORT SHOP_API_KEY PROVIDER_KEY LOG_FORMAT
      BILLING_TIMEOUT_MS SANDBOX_PROXY TERM SHLVL _ LC_ALL http_proxy HTTPS_PROXY`.split(/\s+/);
    expect(pairs(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
  });

  test('is left alone where the right one is there, if with nothing, or is not read', () => {
    expect(misses({ API_KEY: 'x', API_KEYS: 'y:viewer' })).toEqual([]);
    expect(misses({ API_KEY: 'x', API_KEYS: '' })).toEqual([]);
    expect(misses({ API_KEY: 'x' }, ['DATABASE_URL'])).toEqual([]);
  });

  test('is refused without its value', () => {
    const read = () => readConfigWith({ RETENTION_DAY: 'hunter2' }, ['RETENTION_DAYS']);
    expect(read).toThrow(StartupError);
    expect(read).toThrow(/^RETENTION_DAY: expected RETENTION_DAYS, which is not set\. /);
    expect(read).not.toThrow(/hunter2/);
    expect(() => readClient({ BACKSTEP_KEYS: 'hunter2' })).toThrow(/^BACKSTEP_KEYS: expected BACKSTEP_KEY, /);
  });
});

test('an option is of a command only with the variable that it sets', () => {
  for (const { options, settings } of Object.values(COMMANDS))
    for (const option of options.filter(isSettingOption)) expect(settings).toContain(SETTING_OPTIONS[option].setting);
});

test.each(Object.entries(COMMANDS))('%s refuses options that it does not have', async (_name, { options, run }) => {
  const nowhere = { write: () => undefined };
  const others = Object.keys(SETTING_OPTIONS).filter((name) => !options.some((option) => option === name));
  for (const name of [...others, 'nonsense'])
    await expect(async () => run([`--${name}`, '1'], nowhere as never)).rejects.toThrow(`Unknown option '--${name}'`);
});
