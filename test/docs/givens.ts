import { eventually } from '../support/eventually.ts';
import { type Machine, OPERATOR_KEY } from './product.ts';

/** What a document's product has been through before its first command, by the words of `<!-- test: given … -->`. */
export const GIVENS: Readonly<Record<string, (machine: Machine) => Promise<void>>> = {
  'a refund of which nobody knows what became of it': lostRefund,
};

/** The provider takes the request and does not answer, nor say afterwards what it did. */
async function lostRefund({ url }: Machine): Promise<void> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${OPERATOR_KEY}` };
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${url}${path}`, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { sagaId?: string; status?: string };
  };
  await ask('POST', '/sandbox/faults', { operation: 'refund', fault: 'lost-reply', times: 3 });
  await ask('POST', '/sandbox/faults', { operation: 'lookup', fault: 'error', times: 20, message: 'Gateway timeout' });
  const { sagaId } = await ask('POST', '/api/billing/payments/pay-0001/refund', {
    amount: 100,
    reason: 'Bought twice',
  });
  await eventually(async () => (await ask('GET', `/api/sagas/${sagaId}`)).status === 'FAILED', { timeoutMs: 40_000 });
  await ask('DELETE', '/sandbox/faults');
}
