import { Client } from 'pg';
import { eventually } from '../../test/support/eventually.ts';

export interface HistoryOptions {
  readonly url: string;
  readonly key: string;
  readonly databaseUrl: string;
}

/** What there is to be shown of it. */
export interface History {
  /** The newest open task: of a refund of which nobody knows what became of it. */
  readonly parkedTaskId: string;
  /** A refund that failed, and was undone. */
  readonly turnedBackId: string;
}

interface Shop {
  post(path: string, body: object): Promise<Record<string, unknown>>;
  clearFaults(): Promise<unknown>;
  readonly sql: Client;
}

/** A day of a shop: purchases, refunds, a provider that fails for a while, and what it left for a person. */
export async function fillWithHistory({ url, key, databaseUrl }: HistoryOptions): Promise<History> {
  const sql = new Client({ connectionString: databaseUrl });
  await sql.connect();
  try {
    const shop = { ...clientOf(url, key), sql };
    await goodDay(shop);
    const turnedBackId = await badHour(shop);
    await spreadOverTheDay(sql);
    await parkedRefund(shop, 'pay-0042', 'Arrived with a cracked screen');
    await rightNow(shop);
    const { rows } = await sql.query<{ id: string }>('SELECT max(id)::text AS id FROM operator_task');
    return { parkedTaskId: rows[0]?.id ?? '', turnedBackId };
  } finally {
    await sql.end();
  }
}

function clientOf(url: string, key: string): Omit<Shop, 'sql'> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return {
    post: async (path, body) => {
      const response = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
      return (await response.json()) as Record<string, unknown>;
    },
    clearFaults: () => fetch(`${url}/sandbox/faults`, { method: 'DELETE', headers }),
  };
}

const PLANS = [
  { planId: 'plan-basic', amount: 100 },
  { planId: 'plan-standard', amount: 200 },
  { planId: 'plan-premium', amount: 499.9 },
] as const;
const REASONS = ['Changed my mind', 'Bought twice', 'Arrived late', 'Not as described'] as const;
const METHODS = ['wechat', 'alipay', 'stripe', 'paypal'] as const;

const userOf = (n: number) => `user-${String((n % 20) + 1).padStart(4, '0')}`;
const paymentOf = (n: number) => `pay-${String(n).padStart(4, '0')}`;
/** Every fifth payment is from a balance, which no provider fails. */
const fromProvider = (n: number) => paymentOf(n + Math.floor((n - 1) / 4));

async function purchase({ post }: Shop, n: number): Promise<void> {
  const plan = PLANS[n % PLANS.length] ?? PLANS[0];
  await post('/api/sagas/PAYMENT_PURCHASE', { userId: userOf(n), method: METHODS[n % METHODS.length], ...plan });
}

async function refund({ post }: Shop, paymentId: string, reason: string): Promise<string> {
  const { sagaId } = await post('/api/sagas/PAYMENT_REFUND', { paymentId, amount: 100, reason });
  return String(sagaId);
}

async function goodDay(shop: Shop): Promise<void> {
  for (let n = 1; n <= 340; n++) await purchase(shop, n);
  for (let n = 60; n < 130; n++) await refund(shop, paymentOf(n), REASONS[n % REASONS.length] ?? 'Changed my mind');
  await settled(shop);
}

/** Refunds fail and are put back; some cards are declined; of two refunds nobody knows what became of them. */
async function badHour(shop: Shop): Promise<string> {
  await shop.post('/sandbox/faults', { operation: 'refund', fault: 'error', times: 15, message: 'WeChat API timeout' });
  const turnedBackId = await refund(shop, fromProvider(1), 'Arrived late');
  for (let n = 2; n <= 5; n++) await refund(shop, fromProvider(n), REASONS[n % REASONS.length] ?? 'Arrived late');
  await settled(shop);
  await shop.post('/sandbox/faults', { operation: 'charge', fault: 'reject', times: 8, message: 'Card declined' });
  for (let n = 1; n <= 8; n++) await purchase(shop, n);
  await settled(shop);
  for (let n = 10; n <= 12; n++)
    await parkedRefund(shop, fromProvider(n), REASONS[n % REASONS.length] ?? 'Bought twice');
  return turnedBackId;
}

/** The provider takes the requests and does not answer, nor say afterwards what it did. */
async function parkedRefund(shop: Shop, paymentId: string, reason: string): Promise<void> {
  await shop.post('/sandbox/faults', { operation: 'refund', fault: 'lost-reply', times: 3 });
  await shop.post('/sandbox/faults', { operation: 'lookup', fault: 'error', times: 20, message: 'Gateway timeout' });
  await refund(shop, paymentId, reason);
  await settled(shop);
  await shop.clearFaults();
}

/** Some that still run when the picture is taken. */
async function rightNow(shop: Shop): Promise<void> {
  await shop.post('/sandbox/faults', { operation: 'charge', fault: 'slow', times: 4, delayMs: 7_000 });
  for (let n = 1; n <= 4; n++) await purchase(shop, n);
}

async function settled({ sql }: Shop): Promise<void> {
  const moving = `SELECT FROM saga_state WHERE status IN ('RUNNING', 'COMPENSATING') LIMIT 1`;
  await eventually(async () => (await sql.query(moving)).rowCount === 0, { timeoutMs: 120_000, intervalMs: 200 });
}

/**
 * What was done in a minute becomes what was done in a day, in the order in which it was done: busy by day, quiet by night, and
 * the bad hour in the last ones.
 */
async function spreadOverTheDay(sql: Client): Promise<void> {
  const ago = `make_interval(secs => 1200 + 79200 * power(1 - place, 0.8) + 900 * sin(place * 40))`;
  await sql.query(`CREATE TEMP TABLE moved AS SELECT saga_id, ${ago} AS ago FROM (
    SELECT saga_id, percent_rank() OVER (ORDER BY status = 'FAILED', status <> 'COMPLETED' AND random() < 0.8,
      CASE status WHEN 'FAILED' THEN id ELSE random() END) AS place
    FROM saga_state) AS ranked`);
  for (const [table, ...columns] of [
    ['saga_state', 'started_at', 'completed_at', 'updated_at', 'timeout_at', 'created_at'],
    ['saga_step', 'started_at', 'done_at', 'compensated_at'],
    ['saga_log', 'at'],
    ['operator_task', 'created_at'],
  ]) {
    const earlier = columns.map((column) => `${column} = ${column} - moved.ago`).join(', ');
    await sql.query(`UPDATE ${table} SET ${earlier} FROM moved WHERE ${table}.saga_id = moved.saga_id`);
  }
}
