/**
 * DBOS: workflows in PostgreSQL. The starting process enqueues by its client, the worker takes them from a queue. The queue
 * is polled every 10 ms, as its default of a second would let a worker of 100 do no more than 100 workflows a second.
 */
import { Client } from 'pg';
import type { Contender } from '../contenders/contender.ts';
import { eventually } from '../../test/support/eventually.ts';

/** What is used of `@dbos-inc/dbos-sdk`, which is not there unless it is asked for. */
interface Sdk {
  readonly DBOS: {
    setConfig(config: object): void;
    registerWorkflow(workflow: () => Promise<void>, options: { name: string }): unknown;
    runStep(step: () => Promise<void>, options: { name: string }): Promise<void>;
    launch(): Promise<void>;
    registerQueue(name: string, options: object): Promise<unknown>;
    shutdown(): Promise<void>;
  };
  readonly DBOSClient: { create(options: object): Promise<DbosClient> };
}

interface DbosClient {
  enqueue(options: object): Promise<{ readonly workflowID: string }>;
  destroy(): Promise<void>;
}

const PACKAGE: string = '@dbos-inc/dbos-sdk';
const VERSION = { name: 'bench', applicationVersion: 'bench' };
const [QUEUE, WORKFLOW] = ['sagas', 'saga'];
const SETTLE_MS = 60_000;
const POLL_MS = 10;
const SILENT = { info: nothing, debug: nothing, warn: nothing, error: nothing };

function nothing(): void {}

export const dbos: Contender = {
  starter: async ({ databaseUrl }) => {
    const { DBOSClient } = (await import(PACKAGE)) as Sdk;
    const sql = new Client({ connectionString: databaseUrl });
    await sql.connect();
    const client = await DBOSClient.create({
      systemDatabaseUrl: databaseUrl,
      applicationName: VERSION.name,
      logger: SILENT,
    });
    const order = { queueName: QUEUE, workflowName: WORKFLOW, appVersion: VERSION.applicationVersion };
    return {
      start: async () => (await client.enqueue(order)).workflowID,
      watchEnds: () => Promise.reject(new Error('The ends of DBOS workflows are not watched')),
      settle: async (started) => {
        await eventually(async () => (await count(sql, `IN ('ENQUEUED', 'PENDING')`)) === 0, {
          timeoutMs: SETTLE_MS,
          intervalMs: 5,
        });
        const ended = await count(sql, `= 'SUCCESS'`);
        if (ended !== started) throw new Error(`${started} workflows were enqueued, and ${ended} succeeded`);
      },
      close: async () => {
        await sql.end();
        await client.destroy();
      },
    };
  },
  worker: async ({ databaseUrl, concurrency }, lastActed) => {
    const { DBOS } = (await import(PACKAGE)) as Sdk;
    DBOS.setConfig({ ...VERSION, systemDatabaseUrl: databaseUrl, systemDatabasePoolSize: 20, logger: SILENT });
    const step = (name: string, act: () => void) => DBOS.runStep(async () => act(), { name });
    DBOS.registerWorkflow(
      async () => {
        for (const name of ['A', 'B', 'C']) await step(name, nothing);
        await step('D', lastActed);
      },
      { name: WORKFLOW },
    );
    await DBOS.launch();
    await DBOS.registerQueue(QUEUE, { workerConcurrency: concurrency, minPollingIntervalMs: POLL_MS });
    return { close: () => DBOS.shutdown() };
  },
};

async function count(sql: Client, status: string): Promise<number> {
  const { rows } = await sql.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM dbos.workflow_status WHERE queue_name = '${QUEUE}' AND status ${status}`,
  );
  return rows[0]?.count ?? 0;
}
