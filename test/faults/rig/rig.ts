import { mkdirSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Client } from 'pg';
import { NOTICE_EVENTS } from '../../../src/core/notice.ts';
import type { QueueName } from '../../../src/queues/names.ts';
import { askRedis } from '../../../src/servers/reach.ts';
import type { OwnServers } from '../../support/own-servers.ts';
import { startOwnServers } from '../../support/own-servers.ts';
import { freePort } from '../../support/port.ts';
import { withPostgres, withQueue } from './access.ts';
import type { CrewOptions } from './crew.ts';
import { CREW, startCrew, startSandbox } from './crew.ts';
import type { Member } from './member.ts';
import { prepareDatabase } from './prepare.ts';
import type { Proxies } from './proxies.ts';
import { startProxies } from './proxies.ts';
import type { NoticeReceiver } from '../load/receiver.ts';
import type { Impairment, World } from '../types.ts';

/** The system under test, and the handles by which faults get hold of it. */
export interface Rig {
  readonly world: World;
  readonly servers: OwnServers;
  readonly proxies: Proxies;
  readonly members: readonly Member[];
  member(name: string): Member;
  /** Notes that a process is not itself from now on, until the function it answers is called. */
  impair(pid: number, why: string): () => void;
  /** As `impair`, for the process that a member is now; one that is being started has nothing to be excused for. */
  impairMember(name: string, why: string): () => void;
  asPostgres<R>(work: (client: Client) => Promise<R>): Promise<R>;
  asRedis<R>(work: (redis: Redis) => Promise<R>): Promise<R>;
  withQueue<R>(name: QueueName, work: (queue: Queue) => Promise<R>): Promise<R>;
  /** Waits, but no longer than until the run is stopped. */
  rest(ms: number): Promise<void>;
}

/** What is opened is added to `closing`; the folder is emptied first. */
export interface RigOptions extends CrewOptions {
  readonly seed: number;
  readonly sagas: number;
  readonly ledgerUrl: string;
  readonly receiver: NoticeReceiver;
}

/** A saga that hangs at a fault shall see its deadline come within the run. */
const BILLING_TIMEOUT_MS = 40_000;

export async function startRig(options: RigOptions): Promise<Rig> {
  const { folder, closing, ledgerUrl, receiver, stopped } = options;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const servers = await startOwnServers();
  closing.add('the servers', () => servers.stop());
  stopped.throwIfAborted();
  await prepareDatabase(servers.postgres.url, options.sagas);
  const sandboxUrl = await startSandbox(options);
  const proxies = await startProxies(servers, CREW);
  closing.add('the proxies', () => proxies.close());
  const port = await freePort();
  const apiUrl = `http://127.0.0.1:${port}`;
  const members = await startCrew(options, apiUrl, (name) => ({
    DATABASE_URL: proxies.urlFor(name, 'postgres'),
    REDIS_URL: proxies.urlFor(name, 'redis'),
    PROVIDER_URL: sandboxUrl,
    BILLING_TIMEOUT_MS: String(BILLING_TIMEOUT_MS),
    LEDGER_URL: ledgerUrl,
    WEBHOOK_URLS: receiver.url,
    WEBHOOK_SECRET: receiver.secret,
    WEBHOOK_EVENTS: NOTICE_EVENTS.join(','),
    LOG_LEVEL: 'info',
    WORKER_CONCURRENCY: '20',
    PORT: String(port),
  }));
  const impaired: Impairment[] = [];
  const world: World = {
    seed: options.seed,
    apiUrl: () => apiUrl,
    databaseUrl: servers.postgres.url,
    redisUrl: servers.redis.url,
    sandboxUrl,
    ledgerUrl,
    receiver,
    impaired,
    logLines: (text) => logLines(folder, text),
  };
  return { world, servers, proxies, members, ...handles(world, members, impaired, stopped) };
}

function handles(
  { databaseUrl, redisUrl }: World,
  members: readonly Member[],
  impaired: Impairment[],
  stopped: AbortSignal,
): Omit<Rig, 'world' | 'servers' | 'proxies' | 'members'> {
  const member: Rig['member'] = (name) => {
    const named = members.find((each) => each.name === name);
    if (!named) throw new Error(`The rig has no ${name}`);
    return named;
  };
  const impair: Rig['impair'] = (pid, why) => {
    const entry = { pid, fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY, why };
    impaired.push(entry);
    return () => {
      entry.toMs = Date.now();
    };
  };
  return {
    member,
    impair,
    impairMember: (name, why) => {
      const { pid } = member(name);
      return pid === undefined ? () => undefined : impair(pid, why);
    },
    asPostgres: (work) => withPostgres(databaseUrl, work),
    asRedis: (work) => askRedis(redisUrl, work),
    withQueue: (name, work) => withQueue(redisUrl, name, work),
    rest: (ms) => sleep(Math.max(ms, 0), undefined, { signal: stopped }).catch(() => undefined),
  };
}

async function logLines(folder: string, text: string): Promise<readonly string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.flatMap((log) => log.split('\n').filter((line) => line.includes(text)));
}
