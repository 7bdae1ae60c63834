import { mkdirSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { Client } from 'pg';
import type { Closing } from '../../src/cli/closing.ts';
import { redisBackend } from '../../src/queues/backend.ts';
import type { QueueName } from '../../src/queues/names.ts';
import { askRedis } from '../../src/servers/reach.ts';
import { eventually } from '../support/eventually.ts';
import type { OwnServers } from '../support/own-servers.ts';
import { startOwnServers } from '../support/own-servers.ts';
import { freePort } from '../support/port.ts';
import { API, WORKERS } from './faults/fault.ts';
import { startMember, type Member } from './member.ts';
import { prepareDatabase } from './prepare.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { Impairment, World } from './types.ts';

export type ServerName = 'redis' | 'postgres';

/** The system under test, and the handles by which faults get hold of it. */
export interface Rig {
  readonly world: World;
  readonly servers: OwnServers;
  readonly members: readonly Member[];
  member(name: string): Member;
  proxy(member: string, server: ServerName): Proxy;
  /** Notes that a process is not itself from now on, until the function it answers is called. */
  impair(pid: number, why: string): () => void;
  /** As `impair`, for the process that a member is now; one that is being started has nothing to be excused for. */
  impairMember(name: string, why: string): () => void;
  asPostgres<R>(work: (client: Client) => Promise<R>): Promise<R>;
  asRedis<R>(work: (redis: Redis) => Promise<R>): Promise<R>;
  withQueue<R>(name: QueueName, work: (queue: Queue) => Promise<R>): Promise<R>;
  /** Waits, but no longer than until the run is stopped. */
  rest(ms: number): Promise<void>;
  /** Asks every process to end; answers what was wrong with how they lived and ended. */
  stopMembers(): Promise<readonly string[]>;
}

export interface RigOptions {
  readonly seed: number;
  readonly sagas: number;
  /** Where logs and books go; emptied first. */
  readonly folder: string;
  readonly ledgerUrl: string;
  /** The program that the processes run: `src`, or a sabotaged copy of it. */
  readonly source: string;
  readonly stopped: AbortSignal;
  /** Gets everything that is opened. */
  readonly closing: Closing;
}

/** As in the workers' own default. */
const PREFIX = '{backstep}';
/** A saga that hangs at a fault shall see its deadline come within the run. */
const BILLING_TIMEOUT_MS = 40_000;
const READY_MS = 60_000;

export async function startRig(options: RigOptions): Promise<Rig> {
  const { folder, closing, ledgerUrl, stopped } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const servers = await startOwnServers();
  closing.add('the servers', () => servers.stop());
  await prepareDatabase(servers.postgres.url, options.sagas);
  const sandboxUrl = await startSandbox(options);
  const apiPort = await freePort();
  const proxies = await startProxies(servers, closing);
  const members = [...WORKERS, API].map((name) =>
    startProcess(options, name, {
      DATABASE_URL: throughProxy(servers.postgres.url, proxies, name, 'postgres'),
      REDIS_URL: throughProxy(servers.redis.url, proxies, name, 'redis'),
      PROVIDER_URL: sandboxUrl,
      BILLING_TIMEOUT_MS: String(BILLING_TIMEOUT_MS),
      LEDGER_URL: ledgerUrl,
      LOG_LEVEL: 'info',
      WORKER_CONCURRENCY: '20',
      PORT: String(apiPort),
    }),
  );
  const stopMembers = () => stopAll(members);
  closing.add('the processes', stopMembers);
  const impaired: Impairment[] = [];
  const world: World = {
    seed: options.seed,
    apiUrl: () => `http://127.0.0.1:${apiPort}`,
    databaseUrl: servers.postgres.url,
    redisUrl: servers.redis.url,
    sandboxUrl,
    ledgerUrl,
    impaired,
    logLines: (text) => logLines(folder, text),
  };
  await allReady(members, world.apiUrl(), stopped);
  return { world, servers, members, stopMembers, ...handles({ members, proxies, impaired, servers, stopped }) };
}

interface Parts {
  readonly members: readonly Member[];
  readonly proxies: ReadonlyMap<string, Proxy>;
  readonly impaired: Impairment[];
  readonly servers: OwnServers;
  readonly stopped: AbortSignal;
}

function handles({
  members,
  proxies,
  impaired,
  servers,
  stopped,
}: Parts): Omit<Rig, 'world' | 'servers' | 'members' | 'stopMembers'> {
  const member: Rig['member'] = (name) =>
    found(
      members.find((each) => each.name === name),
      name,
    );
  const impair: Rig['impair'] = (pid, why) => {
    const entry = { pid, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY, why };
    impaired.push(entry);
    return () => void (entry.toMs = Date.now());
  };
  return {
    member,
    impair,
    proxy: (name, server) => found(proxies.get(placeOf(name, server)), placeOf(name, server)),
    impairMember: (name, why) => {
      const { pid } = member(name);
      return pid === undefined ? () => undefined : impair(pid, why);
    },
    asPostgres: (work) => withPostgres(servers.postgres.url, work),
    asRedis: (work) => askRedis(servers.redis.url, work),
    withQueue: async (name, work) => {
      const backend = redisBackend({ url: servers.redis.url, prefix: PREFIX });
      const queue = backend.queue(name);
      try {
        await backend.ready();
        return await work(queue);
      } finally {
        await queue.close();
        await backend.close();
      }
    },
    rest: (ms) => sleep(ms, undefined, { signal: stopped }).catch(() => undefined),
  };
}

async function startSandbox({ folder, source, closing }: RigOptions): Promise<string> {
  const sandbox = startMember({
    name: 'sandbox',
    main: join(source, 'sagas/sandbox/main.ts'),
    args: ['--books', join(folder, 'books.jsonl')],
    env: {},
    logFile: join(folder, 'sandbox.log'),
  });
  closing.add('the sandbox', () => sandbox.stop());
  return ((await sandbox.ready) as { url: string }).url;
}

function startProcess({ source, folder }: RigOptions, name: string, env: NodeJS.ProcessEnv): Member {
  const modules = [join(source, 'sagas/index.ts'), 'test/faults/module.ts'];
  return startMember({
    name,
    main: join(source, 'main.ts'),
    args: [name === API ? 'api' : 'worker', ...modules.flatMap((file) => ['--sagas', file])],
    env,
    logFile: join(folder, `${name}.log`),
  });
}

async function startProxies(servers: OwnServers, closing: Closing): Promise<ReadonlyMap<string, Proxy>> {
  const proxies = new Map<string, Proxy>();
  for (const name of [...WORKERS, API])
    for (const server of ['redis', 'postgres'] as const) {
      const { hostname: host, port } = new URL(servers[server].url);
      const proxy = await startProxy({ host, port: Number(port) });
      proxies.set(placeOf(name, server), proxy);
      closing.add(`the proxy of ${name} to ${server}`, () => proxy.close());
    }
  return proxies;
}

const placeOf = (member: string, server: ServerName) => `${member} to ${server}`;

/** The name tells PostgreSQL's own views whose connection it is. */
function throughProxy(direct: string, proxies: ReadonlyMap<string, Proxy>, member: string, server: ServerName): string {
  const url = new URL(direct);
  url.port = String(found(proxies.get(placeOf(member, server)), member).port);
  if (server === 'postgres') url.searchParams.set('application_name', member);
  return url.href;
}

/** Also while the server is read-only for everybody else. */
async function withPostgres<R>(url: string, work: (client: Client) => Promise<R>): Promise<R> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: 5_000,
    options: '-c default_transaction_read_only=off',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function allReady(members: readonly Member[], apiUrl: string, stopped: AbortSignal): Promise<void> {
  const workers = members.filter(({ name }) => name !== API);
  const timeout = sleep(READY_MS, undefined, { ref: false, signal: stopped }).then(() => {
    throw new Error(`The workers were not ready after ${READY_MS} ms: see their logs`);
  });
  await Promise.race([Promise.all(workers.map(({ ready }) => ready)), timeout]);
  await eventually(async () => (await fetch(`${apiUrl}/readyz`)).ok, { timeoutMs: READY_MS });
}

async function stopAll(members: readonly Member[]): Promise<readonly string[]> {
  const ends = await Promise.all(members.map((member) => member.stop()));
  return [...members.flatMap(({ deaths }) => deaths), ...ends.filter((end) => end !== undefined)];
}

async function logLines(folder: string, text: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((log) => log.split('\n').filter((line) => line.includes(text)));
}

function found<T>(item: T | undefined, name: string): T {
  if (item === undefined) throw new Error(`The rig has no ${name}`);
  return item;
}
