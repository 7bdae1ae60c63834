import { expect } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import type { Resolution, TaskView } from '../../src/index.ts';
import { describeInBrowser } from '../support/browser.ts';
import { eventually } from '../support/eventually.ts';
import { whileRefused } from '../support/while-refused.ts';
import { browserTest, seen, useDesk } from './desk.ts';

interface Choice {
  readonly resolution: Resolution;
  readonly radio: string;
  readonly button: string;
}

const CHOICES = {
  retry: { resolution: 'retry', radio: 'Try again', button: 'Try CALL_PROVIDER_REFUND again' },
  undone: { resolution: 'undone', radio: 'Undone by hand', button: 'Record CALL_PROVIDER_REFUND as undone' },
  done: { resolution: 'done', radio: 'Done after all', button: 'Record CALL_PROVIDER_REFUND as done' },
  forward: { resolution: 'forward', radio: 'Go forward', button: 'Go forward from CALL_PROVIDER_REFUND' },
  abandon: { resolution: 'abandon', radio: 'Give the saga up', button: 'Give this saga up' },
} as const satisfies Record<Resolution, Choice>;

describeInBrowser('a parked refund', () => {
  const desk = useDesk();

  async function nextPayment(): Promise<string> {
    const fitting = `status = 'SUCCESS' AND method <> 'balance'
      AND NOT EXISTS (SELECT FROM saga_state WHERE subject = payments.id)`;
    return String((await desk().app.row(`SELECT id FROM payments WHERE ${fitting} ORDER BY id LIMIT 1`))['id']);
  }

  /** The refund, parked, and what its task says. */
  async function parked(paymentId: string): Promise<{ sagaId: string; task: TaskView }> {
    const { app, start, settled } = desk();
    const sagaId = await start('PAYMENT_REFUND', { paymentId, amount: 100, reason: 'not as described' });
    expect(await settled(sagaId)).toBe('FAILED');
    const { body } = await app.request('GET', `/api/tasks?status=open&sagaId=${sagaId}`);
    const [task] = body['items'] as TaskView[];
    if (task === undefined) throw new Error(`${sagaId} is parked without a task`);
    return { sagaId, task };
  }

  /** The provider refunds; to write that down then fails. */
  async function refundedInVain() {
    const paymentId = await nextPayment();
    const refused = { table: 'payments', condition: `id = '${paymentId}' AND status = 'REFUNDED'` };
    return { paymentId, ...(await whileRefused(desk().app.sql, refused, () => parked(paymentId))) };
  }

  /** The provider fails, having refunded or not, and does not say what it did. */
  async function nobodyKnows(fault: 'lost-reply' | 'error') {
    const { app } = desk();
    const paymentId = await nextPayment();
    await app.order({ operation: 'refund', fault, times: 3 });
    await app.order({ operation: 'lookup', fault: 'error', times: 10 });
    const found = await parked(paymentId);
    await app.request('DELETE', '/sandbox/faults');
    return { paymentId, ...found };
  }

  /** Chooses, after it was said what it will do, gives a reason and presses. */
  async function choose(page: Page, task: TaskView, { resolution, radio, button }: Choice, output?: object) {
    const choice: Locator = page.getByRole('radio', { name: radio });
    await seen(choice);
    await seen(page.getByText(task.effects[resolution] ?? 'an effect that is not told'));
    await choice.check();
    if (output !== undefined) await page.getByLabel('Output of the step').fill(JSON.stringify(output));
    await page.getByLabel('Reason').fill(`tried it: ${resolution}`);
    await page.getByRole('button', { name: button }).click();
  }

  async function expectEnd(sagaId: string, task: TaskView, resolution: Resolution, status: string) {
    const { app } = desk();
    const statusNow = async () => (await app.row('SELECT status FROM saga_state WHERE saga_id = $1', sagaId))['status'];
    await eventually(async () => (await statusNow()) === status);
    const resolved = await app.row('SELECT * FROM operator_task WHERE id = $1', task.id);
    const reason = `tried it: ${resolution}`;
    expect(resolved).toMatchObject({ status: 'resolved', resolution, reason, resolved_by: 'olga' });
  }

  const paymentStatus = async (id: string) =>
    (await desk().app.row('SELECT status FROM payments WHERE id = $1', id))['status'];

  browserTest('is resolved as undone: it ends as compensated', async () => {
    const { paymentId, sagaId, task } = await refundedInVain();
    const page = await desk().open(`/console/inbox/${task.id}`);
    await choose(page, task, CHOICES.undone);
    await expectEnd(sagaId, task, 'undone', 'COMPENSATED');
    expect(await paymentStatus(paymentId)).toBe('SUCCESS');
  });

  browserTest('is sent forward: the rest is done, and nothing is undone', async () => {
    const { paymentId, sagaId, task } = await refundedInVain();
    const page = await desk().open(`/console/inbox/${task.id}`);
    await choose(page, task, CHOICES.forward);
    await expectEnd(sagaId, task, 'forward', 'COMPLETED');
    expect(await paymentStatus(paymentId)).toBe('REFUNDED');
  });

  browserTest('is given up from its own page: it stays as it is', async () => {
    const { sagaId, task } = await refundedInVain();
    const page = await desk().open(`/console/sagas/${sagaId}`);
    await choose(page, task, CHOICES.abandon);
    await seen(page.getByText('Abandoned').first());
    await expectEnd(sagaId, task, 'abandon', 'ABANDONED');
  });

  browserTest('of which nobody knew is asked for again: nothing was refunded, so it ends as compensated', async () => {
    const { paymentId, sagaId, task } = await nobodyKnows('error');
    const page = await desk().open(`/console/sagas/${sagaId}`);
    await choose(page, task, CHOICES.retry);
    await seen(page.getByText('Compensated').first());
    await expectEnd(sagaId, task, 'retry', 'COMPENSATED');
    expect(await paymentStatus(paymentId)).toBe('SUCCESS');
  });

  browserTest('of which nobody knew is resolved as done, with its output: it runs on to its end', async () => {
    const { paymentId, sagaId, task } = await nobodyKnows('lost-reply');
    const page = await desk().open(`/console/inbox/${task.id}`);
    const output = { providerRefundResult: { refundId: 'by-phone-17' } };
    await choose(page, task, CHOICES.done, output);
    await expectEnd(sagaId, task, 'done', 'COMPLETED');
    const { state } = await desk().app.row('SELECT state FROM saga_state WHERE saga_id = $1', sagaId);
    expect(state).toMatchObject(output);
    expect(await paymentStatus(paymentId)).toBe('REFUNDED');
  });

  browserTest('takes no decision without a reason, and the second of two is told who was first', async () => {
    const { sagaId, task } = await refundedInVain();
    const page = await desk().open(`/console/inbox/${task.id}`);
    await page.getByRole('radio', { name: CHOICES.undone.radio }).check();
    await page.getByRole('button', { name: CHOICES.undone.button }).click();
    await seen(page.getByRole('textbox', { name: 'Reason' }).and(page.locator('[aria-invalid=true]')));
    expect(await desk().settled(sagaId)).toBe('FAILED');

    const body = { resolution: 'abandon', reason: 'by telephone' };
    expect((await desk().app.request('POST', `/api/tasks/${task.id}/resolve`, body)).status).toBe(200);
    await page.getByLabel('Reason').fill('tried it');
    await page.getByRole('button', { name: CHOICES.undone.button }).click();
    await seen(page.getByRole('alert').filter({ hasText: 'Somebody else was first' }));
    expect(await desk().settled(sagaId)).toBe('ABANDONED');
  });
});
