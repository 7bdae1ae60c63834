import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { COMMANDS } from '../../src/cli/commands.ts';
import { billingExample } from '../../src/example/example.ts';
import { readConfig } from '../../src/config.ts';

const texts = z.record(z.string(), z.string());
const service = z.object({
  build: z.string().optional(),
  command: z.array(z.string()),
  environment: texts.default({}),
  networks: z.array(z.string()),
  logging: z.object({ options: texts }),
  deploy: z.object({ resources: z.object({ limits: z.object({ memory: z.string() }) }) }),
  restart: z.string(),
  read_only: z.boolean().optional(),
  init: z.boolean().optional(),
  stop_grace_period: z.string().default('10s'),
  healthcheck: z.looseObject({ disable: z.boolean().optional(), test: z.array(z.string()).optional() }).default({}),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
type Service = z.infer<typeof service>;

/** Connections that a process of Backstep may open, and those of PostgreSQL that are kept for people: README.md. */
const CONNECTIONS = 20;
const FOR_PEOPLE = 10;
/** After their grace workers hand running steps back: src/cli/workers.ts. */
const HAND_BACK_S = 10;

let services: ReadonlyMap<string, Service>;
let ours: readonly (readonly [string, Service])[];

beforeAll(async () => {
  const file = z
    .object({ services: z.record(z.string(), service) })
    .parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
  services = new Map(Object.entries(file.services));
  ours = [...services].filter(([, { build }]) => build !== undefined);
});

function the(name: string): Service {
  const found = services.get(name);
  if (found === undefined) throw new Error(`There is no service ${name}`);
  return found;
}

const SETTINGS = () => ({ ...the('autoscaler').environment, API_KEYS: 'a:operator', SESSION_SECRET: '' });

test('the API does not start without keys, and has what the others have', () => {
  const { API_KEYS: keys, SESSION_SECRET: secret, ...shared } = the('api').environment;
  expect(keys).toMatch(/^\$\{API_KEYS:\?.+\}$/);
  expect(secret).toBe('${SESSION_SECRET:-}');
  expect(shared).toEqual(the('worker').environment);
  expect(shared).toEqual(the('autoscaler').environment);
});

test('what is set is taken', () => {
  expect(readConfig(SETTINGS()).apiKeys).toHaveLength(1);
});

test('there is a service for everything that runs, with a command that there is', () => {
  expect(ours.map(([name]) => name).sort()).toEqual(['api', 'autoscaler', 'migrate', 'sandbox', 'worker']);
  const commands = Object.keys({ ...COMMANDS, ...billingExample.commands });
  for (const [, { command }] of ours) expect(commands).toContain(command[0]);
});

test('every service has a network, bounded logs and memory, and comes back', () => {
  for (const [name, { networks, logging, restart, deploy }] of services) {
    expect(networks).toEqual(['backstep']);
    expect(logging.options).toMatchObject({ 'max-size': expect.any(String), 'max-file': expect.any(String) });
    expect(deploy.resources.limits.memory).toMatch(/^\d+[mg]$/);
    expect([name, restart]).toEqual([name, name === 'migrate' ? 'no' : 'unless-stopped']);
  }
});

test('ours write nowhere but where they are told, and are ended by a signal', () => {
  for (const [name, { read_only: readOnly, init }] of ours) expect([name, readOnly, init]).toEqual([name, true, true]);
});

test('every service is asked for its health, if not by its image', () => {
  expect([...services].filter(([, { healthcheck }]) => healthcheck.disable).map(([name]) => name)).toEqual(['migrate']);
  const { healthcheck, environment } = the('sandbox');
  expect(healthcheck.test).toEqual(['CMD', 'node', 'healthcheck.mjs', `http://127.0.0.1:${environment['PORT']}/`]);
  for (const name of ['postgres', 'redis']) expect(the(name).healthcheck.test).toBeDefined();
});

test('what depends on the schema waits for it', () => {
  for (const name of ['api', 'autoscaler', 'worker'])
    expect(the(name).depends_on).toMatchObject({ migrate: { condition: 'service_completed_successfully' } });
});

test('workers have the time to end their steps and hand back the others', () => {
  const { graceMs } = readConfig(SETTINGS());
  for (const name of ['autoscaler', 'worker'])
    expect(parseInt(the(name).stop_grace_period)).toBeGreaterThan(graceMs / 1_000 + HAND_BACK_S);
});

test('PostgreSQL has connections for all of them', () => {
  const most = Number(/max_connections=(\d+)/.exec(the('postgres').command.join(' '))?.[1]);
  const { autoscaleMax } = readConfig(SETTINGS());
  expect(most).toBeGreaterThanOrEqual((autoscaleMax + 2) * CONNECTIONS + FOR_PEOPLE);
});

test('Redis keeps what it is given', () => {
  const command = the('redis').command.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
});

/** The client alone: it reads the file without an engine. */
const CLIENTS = [['docker', 'compose'], ['docker-compose']] as const;
const runs = ([program, ...words]: readonly string[], args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  spawnSync(program ?? '', [...words, ...args], {
    encoding: 'utf8',
    env: { ...process.env, API_KEYS: undefined, DOCKER_HOST: 'unix:///nowhere', ...env },
  });
const client = CLIENTS.find((each) => runs(each, ['version']).stdout?.includes('ersion'));

(client === undefined ? describe.skip : describe)('docker compose config', () => {
  test('takes the file, with all profiles', () => {
    const { status, stdout, stderr } = runs(client ?? [], ['--profile', 'workers', 'config', '--services'], {
      API_KEYS: 'a:operator',
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout.trim().split('\n').sort()).toEqual([...services.keys()].sort());
  });

  test('asks for keys', () => {
    const { status, stderr } = runs(client ?? [], ['config']);
    expect(status).not.toBe(0);
    expect(stderr).toContain('npx backstep key --role operator makes one');
  });
});
