import { randomUUID } from 'node:crypto';
import { httpProvider } from '../../src/sagas/provider/http-provider.ts';
import type { TestDatabase } from './database.ts';
import { eventually } from './eventually.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

export type Row = Record<string, unknown>;

/** The billing application as its users see it: HTTP in front, tables and the provider's books behind. */
export interface BillingClient {
  readonly sql: TestDatabase['sql'];
  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** The only row of a query. */
  row(query: string, ...values: unknown[]): Promise<Row>;
  /** The saga's row once nothing happens to it any more without a person. */
  ended(sagaId: unknown, timeoutMs?: number): Promise<Row>;
  order(fault: object): Promise<void>;
  /** Answers when every operation that is slow by `delayMs` until now has come to its end. */
  slowOnesOver(delayMs: number): Promise<void>;
  /** What the provider did, oldest first. */
  operations(): Promise<Row[]>;
}

export interface BillingAddresses {
  readonly sql: TestDatabase['sql'];
  /** Asked at every request: an API that is started again may be elsewhere. */
  readonly api: () => string;
  readonly provider: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export function billingClient({ sql, api, provider, headers: always = {} }: BillingAddresses): BillingClient {
  const request: BillingClient['request'] = async (method, path, body, headers = {}) => {
    const response = await fetch(api() + path, {
      method,
      headers: { ...always, ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Row };
  };
  const row: BillingClient['row'] = async (query, ...values) => {
    const { rows } = await sql.query<Row>(query, values);
    const [only] = rows;
    if (!only || rows.length > 1) throw new Error(`${rows.length} rows: ${query}`);
    return only;
  };
  return {
    sql,
    request,
    row,
    ended: (sagaId, timeoutMs = 20_000) =>
      eventually(
        async () => {
          const saga = await row('SELECT * FROM saga_state WHERE saga_id = $1', sagaId);
          if (saga['status'] !== 'RUNNING' && saga['status'] !== 'COMPENSATING') return saga;
          throw new Error(`${saga['status']} at ${String(saga['current_step'])}`);
        },
        { timeoutMs },
      ),
    order: async (fault) => {
      const { status, body } = await request('POST', '/sandbox/faults', fault);
      if (status !== 201) throw new Error(JSON.stringify(body));
    },
    slowOnesOver: async (delayMs) => {
      await request('POST', '/sandbox/faults', { operation: 'lookup', fault: 'slow', delayMs });
      await httpProvider(provider).settle('stripe', `barrier-${randomUUID()}`, AbortSignal.timeout(60_000));
    },
    operations: async () => (await request('GET', '/sandbox/operations')).body['items'] as Row[],
  };
}
