import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalError } from '../../src/index.ts';
import type { ChargeRequest, RefundRequest } from '../../src/sagas/ports.ts';
import { httpProvider } from '../../src/sagas/provider/http-provider.ts';
import type { Sandbox } from '../../src/sagas/sandbox/server.ts';
import { startSandbox } from '../../src/sagas/sandbox/server.ts';
import { eventually } from '../support/eventually.ts';

let directory: string;
let booksFile: string;
let sandbox: Sandbox;
let number = 0;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sandbox-'));
  booksFile = join(directory, 'books.jsonl');
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', booksFile });
});

afterEach(async () => {
  await sandbox.close();
  await rm(directory, { recursive: true });
});

const signal = new AbortController().signal;
const provider = () => httpProvider(sandbox.url);

function aCharge(): ChargeRequest {
  number += 1;
  return { key: `charge-${number}`, method: 'stripe', paymentId: `pay-${number}`, userId: 'u', amountCents: 10_000 };
}

function aRefund(of: Partial<RefundRequest> = {}): RefundRequest {
  number += 1;
  const money = { amountCents: 10_000, paymentAmountCents: 10_000, originalKey: null };
  return { key: `refund-${number}`, method: 'wechat', paymentId: `old-${number}`, userId: 'u', ...money, ...of };
}

async function request(method: string, path: string, body?: unknown) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(sandbox.url + path, { method, ...(body === undefined ? {} : { body: text }) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

async function books() {
  const { body } = await request('GET', '/sandbox/operations');
  return body as { items: Record<string, unknown>[]; voids: Record<string, unknown>[] };
}

const order = (fault: object) => request('POST', '/sandbox/faults', fault);

test('the same charge again is one charge with one answer', async () => {
  const charge = aCharge();
  const first = await provider().charge(charge, signal);
  expect(await provider().charge(charge, signal)).toEqual(first);
  expect((await books()).items).toEqual([
    expect.objectContaining({ operation: 'charge', key: charge.key, method: 'stripe', amount: 100 }),
  ]);
});

test('a key that was used for another request is refused', async () => {
  const charge = aCharge();
  await provider().charge(charge, signal);
  await expect(provider().charge({ ...charge, amountCents: 1 }, signal)).rejects.toThrow(TerminalError);
  expect((await books()).items).toHaveLength(1);
});

test('a payment is charged once, whatever the key', async () => {
  const charge = aCharge();
  await provider().charge(charge, signal);
  await expect(provider().charge({ ...charge, key: 'another' }, signal)).rejects.toThrow('another key');
});

test('refunds of a payment never exceed it, also of one from before the books', async () => {
  const first = aRefund({ amountCents: 6_000 });
  await provider().refund(first, signal);
  await expect(provider().refund({ ...first, key: 'k2' }, signal)).rejects.toThrow(
    `Payment ${first.paymentId} was 100.00, of which 60.00 is refunded: 60.00 more is too much`,
  );
  const lie = { ...first, key: 'k3', paymentAmountCents: 99_900 };
  await expect(provider().refund(lie, signal)).rejects.toThrow('too much');
  await provider().refund({ ...first, key: 'k4', amountCents: 4_000 }, signal);
  expect((await books()).items.map(({ amount }) => amount)).toEqual([60, 40]);
});

test('twenty refunds of one payment at once are one refund', async () => {
  const refund = aRefund();
  const all = Array.from({ length: 20 }, (_, n) => provider().refund({ ...refund, key: `${refund.key}-${n}` }, signal));
  const results = await Promise.allSettled(all);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await books()).items).toHaveLength(1);
});

test('a lost charge is refunded by its key, once', async () => {
  const charge = aCharge();
  await provider().charge(charge, signal);
  const reversal = { key: `undo-${charge.key}`, method: charge.method, chargeKey: charge.key };
  expect(await provider().reverse(reversal, signal)).toBe('refunded');
  expect(await provider().reverse(reversal, signal)).toBe('refunded');
  const refund = { operation: 'refund', originalKey: charge.key, paymentId: charge.paymentId, amount: 100 };
  expect((await books()).items.slice(1)).toEqual([expect.objectContaining(refund)]);
});

test('a charge that arrives after its reversal is refused', async () => {
  const charge = aCharge();
  const reversal = { key: `undo-${charge.key}`, method: charge.method, chargeKey: charge.key };
  expect(await provider().reverse(reversal, signal)).toBe('voided');
  await expect(provider().charge(charge, signal)).rejects.toThrow(TerminalError);
  expect(await provider().reverse(reversal, signal)).toBe('voided');
  const { items, voids } = await books();
  expect(items).toEqual([]);
  expect(voids).toEqual([expect.objectContaining({ key: charge.key })]);
});

test('what was settled as not done cannot be done any more', async () => {
  const refund = aRefund();
  await order({ operation: 'refund', fault: 'slow', delayMs: 200 });
  const late = provider().refund(refund, signal);
  // The slow request is there before the settlement.
  await eventually(async () => ((await request('GET', '/sandbox/faults')).body['items'] as unknown[]).length === 0);
  expect(await provider().settle('wechat', refund.key, signal)).toBeUndefined();
  await expect(late).rejects.toThrow('voided');
  expect((await books()).items).toEqual([]);
});

test('what was done is settled as done, and can be looked up', async () => {
  const refund = aRefund();
  const receipt = await provider().refund(refund, signal);
  expect(await provider().settle('wechat', refund.key, signal)).toEqual(receipt);
  const found = await request('GET', `/v1/operations/${encodeURIComponent(refund.key)}`);
  expect(found).toEqual({ status: 200, body: { operation: 'refund', ...receipt } });
  expect((await request('GET', '/v1/operations/none')).status).toBe(404);
});

describe('faults', () => {
  test('error: nothing happens, and the message is the one ordered', async () => {
    const refund = aRefund();
    await order({ operation: 'refund', fault: 'error', times: 2, message: 'WeChat API timeout' });
    for (const _ of [1, 2]) {
      const error: unknown = await provider()
        .refund(refund, signal)
        .catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(Error);
      expect(error).not.toBeInstanceOf(TerminalError);
      expect((error as Error).message).toBe('WeChat API timeout');
    }
    expect((await books()).items).toEqual([]);
    await provider().refund(refund, signal);
  });

  test('reject: nothing happens, and it is final', async () => {
    const charge = aCharge();
    await order({ operation: 'charge', fault: 'reject', message: 'Card declined' });
    const error: unknown = await provider()
      .charge(charge, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(TerminalError);
    expect((error as Error).message).toBe('Card declined');
    expect((await books()).items).toEqual([]);
  });

  test('reject: what was accepted before is not rejected now', async () => {
    const charge = aCharge();
    const receipt = await provider().charge(charge, signal);
    await order({ operation: 'charge', fault: 'reject' });
    expect(await provider().charge(charge, signal)).toEqual(receipt);
  });

  test('slow: it happens later, also when nobody waits for it', async () => {
    const refund = aRefund();
    await order({ operation: 'refund', fault: 'slow', delayMs: 150 });
    await expect(provider().refund(refund, AbortSignal.timeout(50))).rejects.toThrow('gave no answer');
    expect((await books()).items).toEqual([]);
    await eventually(async () => (await books()).items.length === 1);
  });

  test('lost-reply: it happens, and the connection drops', async () => {
    const refund = aRefund();
    await order({ operation: 'refund', fault: 'lost-reply' });
    const error: unknown = await provider()
      .refund(refund, signal)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toBeInstanceOf(TerminalError);
    expect((error as Error).message).toMatch(/^WeChat gave no answer: /);
    expect(await provider().refund(refund, signal)).toMatchObject({ key: refund.key });
    expect((await books()).items).toHaveLength(1);
  });

  test('they can be listed and cleared', async () => {
    await order({ operation: 'lookup', fault: 'error', times: 3 });
    await expect(provider().settle('alipay', 'k', signal)).rejects.toThrow('Alipay API timeout');
    const left = (await request('GET', '/sandbox/faults')).body;
    expect(left).toEqual({ items: [expect.objectContaining({ operation: 'lookup', times: 2 })] });
    expect(await request('DELETE', '/sandbox/faults')).toEqual({ status: 200, body: { items: [] } });
    expect(await provider().settle('alipay', 'k', signal)).toBeUndefined();
  });
});

test.each([
  ['POST', '/sandbox/faults', { operation: 'refund', fault: 'explode' }, 422],
  ['POST', '/sandbox/faults', { operation: 'refund', fault: 'error', times: 0 }, 422],
  ['POST', '/sandbox/faults', '{', 400],
  ['POST', '/v1/stripe/charges', { key: 'k' }, 422],
  ['POST', '/v1/stripe/charges', 'x'.repeat(70_000), 413],
  ['POST', '/v1/balance/charges', aCharge(), 404],
  ['POST', '/v1/stripe/constructor', {}, 404],
  ['GET', '/v1/operations/%E0', undefined, 400],
  ['GET', '/', undefined, 404],
])('%s %s with %j is refused with a message: %i', async (method, path, body, status) => {
  const answer = await request(method, path, body);
  expect(answer).toMatchObject({ status, body: { code: expect.any(String), message: expect.any(String) } });
});

test('the books are read again, without a last line that was cut short', async () => {
  const charge = aCharge();
  const receipt = await provider().charge(charge, signal);
  await sandbox.close();
  await appendFile(booksFile, '{"operation":"char');
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', booksFile });
  expect(await provider().charge(charge, signal)).toEqual(receipt);
  await provider().charge(aCharge(), signal);
  expect((await books()).items).toHaveLength(2);
  expect((await readFile(booksFile, 'utf8')).split('\n')).toHaveLength(3);
});

test('books with a line that is no entry are not taken for empty', async () => {
  const broken = join(directory, 'broken.jsonl');
  await appendFile(broken, '{}\n');
  await expect(startSandbox({ port: 0, host: '127.0.0.1', booksFile: broken })).rejects.toThrow('line 1 is no entry');
});

test('what a killed process answered for is in the books', async () => {
  const file = join(directory, 'killed.jsonl');
  const child = fork('src/sagas/sandbox/main.ts', ['--books', file], { execArgv: ['--import', 'tsx'] });
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  const refund = aRefund();
  const receipt = await httpProvider(url).refund(refund, signal);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await sandbox.close();
  sandbox = await startSandbox({ port: 0, host: '127.0.0.1', booksFile: file });
  expect(await provider().refund(refund, signal)).toEqual(receipt);
  expect((await books()).items).toHaveLength(1);
});

test('without a URL every call fails, and proves nothing', async () => {
  const error: unknown = await httpProvider(undefined)
    .charge(aCharge(), signal)
    .catch((thrown: unknown) => thrown);
  expect(error).not.toBeInstanceOf(TerminalError);
  expect(error).toMatchObject({ message: 'Stripe: PROVIDER_URL is not set' });
});
