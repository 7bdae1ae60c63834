import type { Queue } from 'bullmq';
import { Client } from 'pg';
import { redisBackend } from '../../../src/queues/backend.ts';
import type { QueueName } from '../../../src/queues/names.ts';

/** As in the workers' own default. */
const PREFIX = '{backstep}';

/** Also while the server is read-only for everybody else. */
export async function withPostgres<R>(url: string, work: (client: Client) => Promise<R>): Promise<R> {
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

/** As the dashboard: a queue of one's own on a connection of one's own. */
export async function withQueue<R>(url: string, name: QueueName, work: (queue: Queue) => Promise<R>): Promise<R> {
  const backend = redisBackend({ url, prefix: PREFIX });
  const queue = backend.queue(name);
  // Who asks gets the error too.
  queue.on('error', () => undefined);
  try {
    await backend.ready();
    return await work(queue);
  } finally {
    await queue.close();
    await backend.close();
  }
}
