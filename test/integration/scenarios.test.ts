import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import type { Row } from '../support/billing-client.ts';
import type { Deployment } from '../support/deployment.ts';
import { deployBilling, killed } from '../support/deployment.ts';
import { eventually } from '../support/eventually.ts';
import type { Program } from '../support/process.ts';

// Processes are started, which takes its time on a busy machine.
jest.setTimeout(120_000);

let app: Deployment;
let api: Program;
let worker: Program;

async function deploy(settings: Record<string, string> = {}): Promise<void> {
  app = await deployBilling(settings);
  [api, worker] = await Promise.all([app.startApi(), app.startWorker()]);
}

/** A refund whose second step runs: the provider has the request, and does not answer. */
async function blockedRefund(paymentId: string, delayMs: number): Promise<unknown> {
  await app.order({ operation: 'refund', fault: 'slow', delayMs });
  const body = { amount: 100.0, reason: 'not as described' };
  const answer = await app.request('POST', `/api/billing/payments/${paymentId}/refund`, body);
  expect(answer.status).toBe(202);
  await eventually(async () => ((await app.request('GET', '/sandbox/faults')).body['items'] as Row[]).length === 0);
  const { sagaId } = answer.body;
  expect(await sagaOf(sagaId)).toMatchObject({ status: 'RUNNING', current_step: 'CALL_PROVIDER_REFUND' });
  return sagaId;
}

const sagaOf = (sagaId: unknown) => app.row('SELECT * FROM saga_state WHERE saga_id = $1', sagaId);
const paymentOf = (id: string) => app.row('SELECT * FROM payments WHERE id = $1', id);
const orderOf = (id: string) =>
  app.row('SELECT o.* FROM orders o JOIN payments p ON p.order_id = o.id WHERE p.id = $1', id);

describe('a crash while the provider refunds', () => {
  const DELAY_MS = 6_000;

  beforeAll(() => deploy());
  afterAll(() => app.close());

  test('of the worker: another ends the saga, and the provider saw one refund', async () => {
    const sagaId = await blockedRefund('pay-0001', DELAY_MS);
    await killed(worker);
    worker = await app.startWorker();
    await expectRefunded(sagaId, 'pay-0001');
  });

  test('of the API and the worker both: started again, they end the saga, and the provider saw one refund', async () => {
    const sagaId = await blockedRefund('pay-0002', DELAY_MS);
    await Promise.all([killed(api), killed(worker)]);
    [api, worker] = await Promise.all([app.startApi(), app.startWorker()]);
    await expectRefunded(sagaId, 'pay-0002');
  });

  async function expectRefunded(sagaId: unknown, paymentId: string): Promise<void> {
    const [saga] = await Promise.all([app.ended(sagaId, 40_000), app.slowOnesOver(DELAY_MS)]);
    expect(saga).toMatchObject({ status: 'COMPLETED', current_step: 'UPDATE_ORDER_STATUS', step_index: 3 });
    const refunded = { status: 'REFUNDED', refund_amount: '100.00', refunded_at: expect.any(Date) };
    expect(await paymentOf(paymentId)).toMatchObject(refunded);
    expect(await orderOf(paymentId)).toMatchObject({ status: 'REFUNDED' });
    const refunds = (await app.operations()).filter((operation) => operation['paymentId'] === paymentId);
    expect(refunds).toEqual([expect.objectContaining({ operation: 'refund', amount: 100 })]);
  }
});

describe('a provider that blocks past the deadline', () => {
  const DELAY_MS = 60_000;

  beforeAll(() => deploy({ BILLING_TIMEOUT_MS: '4000' }));
  afterAll(() => app.close());

  test('the saga is turned back, the payment is as before, and no money will move', async () => {
    const sagaId = await blockedRefund('pay-0001', DELAY_MS);
    await expectTurnedBack(sagaId, 'pay-0001');
  });

  test('the same when its worker was killed before the deadline and another starts after it', async () => {
    const sagaId = await blockedRefund('pay-0002', DELAY_MS);
    await killed(worker);
    const overdue = `SELECT status, timeout_at < timezone('utc', now()) AS overdue FROM saga_state WHERE saga_id = $1`;
    await eventually(async () => (await app.row(overdue, sagaId))['overdue']);
    expect(await app.row(overdue, sagaId)).toMatchObject({ status: 'RUNNING' });
    worker = await app.startWorker();
    await expectTurnedBack(sagaId, 'pay-0002');
  });

  async function expectTurnedBack(sagaId: unknown, paymentId: string): Promise<void> {
    const saga = await app.ended(sagaId, 40_000);
    expect(saga).toMatchObject({ status: 'TIMEOUT', error_message: 'Saga timeout exceeded' });
    expect(await paymentOf(paymentId)).toMatchObject({ status: 'SUCCESS', refund_amount: null, refunded_at: null });
    expect(await orderOf(paymentId)).toMatchObject({ status: 'PAID' });
    const undone = `SELECT step FROM saga_log WHERE saga_id = $1 AND event = 'compensated' ORDER BY id`;
    const steps = (await app.sql.query<{ step: string }>(undone, [sagaId])).rows.map(({ step }) => step);
    expect(steps).toEqual(['CALL_PROVIDER_REFUND', 'SET_REFUNDING_STATUS']);
    // The blocked request comes to its end some day: by then its key is void.
    const { items, voids } = (await app.request('GET', '/sandbox/operations')).body;
    expect(items).toEqual([]);
    expect(voids).toContainEqual(expect.objectContaining({ key: `${String(sagaId)}:CALL_PROVIDER_REFUND:do` }));
  }
});
