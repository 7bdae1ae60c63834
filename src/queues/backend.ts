import type { Processor, Telemetry, WorkerOptions } from 'bullmq';
import { FlowProducer, Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { QueueName } from './names.ts';

export type WorkerSettings = Pick<
  WorkerOptions,
  | 'concurrency'
  | 'lockDuration'
  | 'lockRenewTime'
  | 'stalledInterval'
  | 'maxStalledCount'
  | 'drainDelay'
  | 'name'
  | 'limiter'
>;

/** Where jobs are kept. Everything Backstep asks of BullMQ's classes is in here. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  /** What jobs are traced with, if they are. */
  readonly telemetry: Telemetry<unknown> | undefined;
  queue(name: QueueName): Queue;
  flowProducer(): FlowProducer;
  /** A worker that is not running yet; `run()` starts it. */
  worker<T>(name: QueueName, processor: Processor<T>, settings: WorkerSettings): Worker<T>;
  /** Rejects while the store of the jobs is out of reach. Gives a first connection two seconds. BullMQ's own calls hang
   *  instead until its first connection stands. */
  ready(): Promise<void>;
  ping(): Promise<void>;
  /** Whether the store of the jobs bears the mark: a wiped or replaced Redis has lost it too. */
  isMarked(): Promise<boolean>;
  beginMarking(): Promise<void>;
  /** Sets the mark. False if the store was wiped since `beginMarking`. */
  endMarking(): Promise<boolean>;
  /** The names of the workers that are connected now. Empty where the store of the jobs does not tell. */
  presentWorkers(): Promise<ReadonlySet<string>>;
  /** Of each job, whether it is there, in whatever state. */
  hasJobs(jobs: readonly { readonly queue: string; readonly id: string }[]): Promise<readonly boolean[]>;
  /** The token under which a worker holds a job; undefined if nobody does. */
  lockOf(queue: string, jobId: string): Promise<string | undefined>;
  /** Closes the connections that the queues and workers share. */
  close(): Promise<void>;
}

/** Adds fail in a millisecond while Redis is away, instead of hanging: the reconciler adds what is missing. */
const PRODUCER = { enableOfflineQueue: false, maxRetriesPerRequest: 1 } as const;
/** A worker waits for Redis as long as it takes. */
const CONSUMER = { maxRetriesPerRequest: null } as const;
/** ioredis keeps a timer this long after a disconnect, in milliseconds; a process would wait for it. */
const DISCONNECT_TIMEOUT_MS = 100;
/** After a failover the old primary answers READONLY: connect anew and send the command again. */
const reconnectOnError = (error: Error) => (error.message.includes('READONLY') ? 2 : false);

export interface TracedOptions {
  /** BullMQ's own: `new BullMQOtel({ tracerName })` of `bullmq-otel`. Default: nothing is traced. */
  readonly telemetry?: Telemetry<unknown> | undefined;
}

export interface RedisBackendOptions extends TracedOptions {
  readonly url: string;
  /** The prefix of all keys; in Redis Cluster it needs a hash tag, as the default `{backstep}` has. */
  readonly prefix?: string;
}

export interface PostgresBackendOptions extends TracedOptions {
  readonly url: string;
}

/** Jobs in Redis. */
export function redisBackend(options: RedisBackendOptions): QueueBackend {
  const prefix = options.prefix ?? '{backstep}';
  const connect = (settings: object) => {
    const connection = new Redis(options.url, {
      ...settings,
      reconnectOnError,
      disconnectTimeout: DISCONNECT_TIMEOUT_MS,
    });
    // Lost connections are retried for ever; who needs one meanwhile gets the error.
    connection.on('error', () => undefined);
    return connection;
  };
  const producer = connect(PRODUCER);
  const connected = new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, 2_000);
    producer.once('ready', () => {
      clearTimeout(timer);
      resolve();
    });
    producer.once('end', () => clearTimeout(timer));
  });
  // The error of a call without one would be about options of ioredis.
  const requireConnection = () => {
    if (producer.status !== 'ready') throw new Error(`No connection to Redis (${producer.status})`);
  };
  let consumer: Redis | undefined;
  const traced = options.telemetry ? { telemetry: options.telemetry } : {};
  const shared = { connection: producer, prefix, ...traced };
  const mark = `${prefix}:sentinel`;
  const pending = `${mark}:pending`;
  return {
    kind: 'redis',
    telemetry: options.telemetry,
    ready: async () => {
      await connected;
      requireConnection();
    },
    queue: (name) => new Queue(name, shared),
    flowProducer: () => new FlowProducer(shared),
    worker: (name, processor, settings) => {
      consumer ??= connect({ ...CONSUMER, connectionName: presenceName(settings.name) });
      return new Worker(name, processor, { ...settings, connection: consumer, prefix, autorun: false, ...traced });
    },
    ping: async () => {
      requireConnection();
      await producer.ping();
    },
    isMarked: async () => (await producer.exists(mark)) === 1,
    beginMarking: async () => {
      await producer.set(pending, new Date().toISOString());
    },
    endMarking: async () => {
      try {
        await producer.rename(pending, mark);
        return true;
      } catch (error) {
        if (error instanceof Error && error.message.includes('no such key')) return false;
        throw error;
      }
    },
    presentWorkers: async () => namesIn(String(await producer.client('LIST'))),
    hasJobs: async (jobs) => {
      const pipeline = producer.pipeline();
      for (const { queue, id } of jobs) pipeline.exists(`${prefix}:${queue}:${id}`);
      const answers = (await pipeline.exec()) ?? [];
      return jobs.map((_, index) => {
        const [error, count] = answers[index] ?? [new Error('Redis gave no answer')];
        if (error) throw error;
        return count === 1;
      });
    },
    lockOf: async (queue, jobId) => (await producer.get(`${prefix}:${queue}:${jobId}:lock`)) ?? undefined,
    close: async () => {
      producer.disconnect();
      consumer?.disconnect();
      await Promise.resolve();
    },
  };
}

/** BullMQ's own named connections end when a worker begins to stop; the one of this name stays until its jobs are done. */
const presenceName = (worker = '') => `backstep:w:${worker}`;

function namesIn(clients: string): ReadonlySet<string> {
  return new Set(
    [...clients.matchAll(/\bname=backstep:w:(\S+)/g)].flatMap(([, name]) => (name === undefined ? [] : [name])),
  );
}

/** Jobs in PostgreSQL, for where there is no Redis: the same semantics at about a tenth of the throughput. */
export function postgresBackend(options: PostgresBackendOptions): QueueBackend {
  const url = new URL(options.url);
  url.searchParams.delete('schema');
  const connection = { connectionString: url.href, migrate: true, max: 5 };
  const traced = options.telemetry ? { telemetry: options.telemetry } : {};
  const classes = withBackend(createPostgresBackend);
  const lonePool = (settings: pg.PoolConfig) => {
    const pool = new pg.Pool({ connectionString: url.href, max: 1, ...settings });
    pool.on('error', () => undefined);
    return pool;
  };
  const pool = lonePool({});
  let presence: pg.Pool | undefined;
  return {
    kind: 'postgres',
    telemetry: options.telemetry,
    ready: () => Promise.resolve(),
    // The backend's classes differ from BullMQ's default ones only in type parameters for the connection.
    queue: (name) => new classes.Queue(name, { connection, ...traced }) as unknown as Queue,
    flowProducer: () => new classes.FlowProducer({ connection, ...traced }) as unknown as FlowProducer,
    worker: <T>(name: QueueName, processor: Processor<T>, settings: WorkerSettings) => {
      presence ??= lonePool({ application_name: presenceName(settings.name), idleTimeoutMillis: 0 });
      return new classes.Worker<T>(name, processor as Processor, {
        ...settings,
        connection,
        autorun: false,
        ...traced,
      }) as unknown as Worker<T>;
    },
    ping: async () => {
      await pool.query('SELECT 1');
    },
    // The jobs are in the database that has the sagas: they are lost together.
    isMarked: () => Promise.resolve(true),
    beginMarking: () => Promise.resolve(),
    endMarking: () => Promise.resolve(true),
    presentWorkers: async () => {
      const { rows } = await (presence ?? pool).query<{ name: string }>(
        `SELECT 'name=' || application_name AS name FROM pg_stat_activity WHERE starts_with(application_name, $1)`,
        [presenceName()],
      );
      return namesIn(rows.map(({ name }) => name).join(' '));
    },
    hasJobs: async (jobs) => {
      const { rows } = await pool.query<{ queue: string; id: string }>(
        `SELECT queue, id FROM bullmq.job WHERE (queue, id) IN (SELECT * FROM unnest($1::text[], $2::text[]))`,
        [jobs.map(({ queue }) => queue), jobs.map(({ id }) => id)],
      );
      const found = new Set(rows.map(({ queue, id }) => `${queue} ${id}`));
      return jobs.map(({ queue, id }) => found.has(`${queue} ${id}`));
    },
    lockOf: async (queue, jobId) => {
      const { rows } = await pool.query<{ token: string | null }>(
        `SELECT lock_token AS token FROM bullmq.job WHERE queue = $1 AND id = $2 AND locked_until_ms > $3::bigint`,
        [queue, jobId, Date.now()],
      );
      return rows[0]?.token ?? undefined;
    },
    close: async () => {
      await Promise.all([pool.end(), presence?.end()]);
    },
  };
}
