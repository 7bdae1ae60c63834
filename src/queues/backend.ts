import type { Processor, WorkerOptions } from 'bullmq';
import { FlowProducer, Queue, Worker, createPostgresBackend, withBackend } from 'bullmq';
import { Redis } from 'ioredis';
import pg from 'pg';
import type { QueueName } from './names.ts';

export type WorkerSettings = Pick<
  WorkerOptions,
  'concurrency' | 'lockDuration' | 'stalledInterval' | 'maxStalledCount' | 'drainDelay' | 'name'
>;

/** Where jobs are kept. Everything Backstep asks of BullMQ's classes is in here. */
export interface QueueBackend {
  readonly kind: 'redis' | 'postgres';
  queue(name: QueueName): Queue;
  flowProducer(): FlowProducer;
  /** A worker that is not running yet; `run()` starts it. */
  worker<T>(name: QueueName, processor: Processor<T>, settings: WorkerSettings): Worker<T>;
  /** Rejects while the store of the jobs is out of reach. Gives a first connection two seconds. BullMQ's own calls hang
   *  instead until its first connection stands. */
  ready(): Promise<void>;
  ping(): Promise<void>;
  /** Whether `mark` was called since the store of the jobs was empty: a wiped or replaced Redis has lost the mark too. */
  isMarked(): Promise<boolean>;
  mark(): Promise<void>;
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

/**
 * Jobs in Redis.
 *
 * @param prefix The prefix of all keys; in Redis Cluster it needs a hash tag, as the default `{backstep}` has.
 */
export function redisBackend(options: { readonly url: string; readonly prefix?: string }): QueueBackend {
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
  let consumer: Redis | undefined;
  const shared = { connection: producer, prefix };
  return {
    kind: 'redis',
    ready: async () => {
      await connected;
      if (producer.status !== 'ready') throw new Error(`Redis is out of reach: connection is ${producer.status}`);
    },
    queue: (name) => new Queue(name, shared),
    flowProducer: () => new FlowProducer(shared),
    worker: (name, processor, settings) => {
      consumer ??= connect(CONSUMER);
      return new Worker(name, processor, { ...settings, connection: consumer, prefix, autorun: false });
    },
    ping: async () => {
      await producer.ping();
    },
    isMarked: async () => (await producer.exists(`${prefix}:sentinel`)) === 1,
    mark: async () => {
      await producer.set(`${prefix}:sentinel`, new Date().toISOString());
    },
    close: async () => {
      producer.disconnect();
      consumer?.disconnect();
      await Promise.resolve();
    },
  };
}

/** Jobs in PostgreSQL, for where there is no Redis: the same semantics at about a tenth of the throughput. */
export function postgresBackend(options: { readonly url: string }): QueueBackend {
  const url = new URL(options.url);
  url.searchParams.delete('schema');
  const connection = { connectionString: url.href, migrate: true, max: 5 };
  const classes = withBackend(createPostgresBackend);
  const pool = new pg.Pool({ connectionString: url.href, max: 1 });
  pool.on('error', () => undefined);
  return {
    kind: 'postgres',
    ready: () => Promise.resolve(),
    // The backend's classes differ from BullMQ's default ones only in type parameters for the connection.
    queue: (name) => new classes.Queue(name, { connection }) as unknown as Queue,
    flowProducer: () => new classes.FlowProducer({ connection }) as unknown as FlowProducer,
    worker: <T>(name: QueueName, processor: Processor<T>, settings: WorkerSettings) =>
      new classes.Worker<T>(name, processor as Processor, {
        ...settings,
        connection,
        autorun: false,
      }) as unknown as Worker<T>,
    ping: async () => {
      await pool.query('SELECT 1');
    },
    // The jobs are in the database that has the sagas: they are lost together.
    isMarked: () => Promise.resolve(true),
    mark: () => Promise.resolve(),
    close: () => pool.end(),
  };
}
