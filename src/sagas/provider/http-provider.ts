import { z } from 'zod';
import { TerminalError } from '../../index.ts';
import type { Method, PaymentProvider } from '../ports.ts';
import { METHOD_NAMES } from '../ports.ts';

const receiptSchema = z.object({ id: z.string(), key: z.string(), amountCents: z.number().int(), at: z.string() });
const reversalSchema = z.object({ outcome: z.enum(['refunded', 'voided']) });
const settledSchema = z.object({ receipt: receiptSchema.nullable() });
const errorSchema = z.object({ message: z.string().min(1) });

/**
 * The statuses by which a provider decides about the operation itself. Others of 4xx (401, 404, 429 ...) are about this
 * request: they do not prove that an earlier attempt, whose answer was lost, did nothing.
 */
const DECIDED = new Set([400, 402, 409, 410, 422]);

interface Call {
  readonly method: Method;
  readonly path: string;
  readonly body: object;
  readonly signal: AbortSignal;
}

/** The provider behind WeChat, Alipay, Stripe and PayPal. `url` is its base URL, without which every call fails. */
export function httpProvider(url: string | undefined): PaymentProvider {
  const call = <T>(schema: z.ZodType<T>, request: Call) => callProvider(url, schema, request);
  return {
    charge: ({ method, ...body }, signal) => call(receiptSchema, { method, path: 'charges', body, signal }),
    refund: ({ method, ...body }, signal) => call(receiptSchema, { method, path: 'refunds', body, signal }),
    reverse: async ({ method, ...body }, signal) =>
      (await call(reversalSchema, { method, path: 'reversals', body, signal })).outcome,
    settle: async (method, key, signal) =>
      (await call(settledSchema, { method, path: 'settlements', body: { key }, signal })).receipt ?? undefined,
  };
}

async function callProvider<T>(url: string | undefined, schema: z.ZodType<T>, request: Call): Promise<T> {
  const name = METHOD_NAMES[request.method];
  if (url === undefined) throw new Error(`${name}: PROVIDER_URL is not set`);
  const { status, text } = await post(new URL(`/v1/${request.method}/${request.path}`, url), name, request);
  if (status >= 200 && status < 300) return parseAnswer(schema, name, text);
  const message = messageIn(text) ?? `${name} answered ${status}`;
  throw DECIDED.has(status) ? new TerminalError(message, { code: 'PROVIDER_REFUSED' }) : new Error(message);
}

async function post(url: URL, name: string, { body, signal }: Call): Promise<{ status: number; text: string }> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal,
    });
    return { status: response.status, text: await response.text() };
  } catch (error) {
    throw new Error(`${name} gave no answer: ${reasonOf(error)}`, { cause: error });
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error as { cause?: { code?: string; message?: string } };
  return cause?.message || cause?.code || error.message;
}

/** Something was done, but it cannot be told what: an ordinary error, so that the step asks again by its key. */
function parseAnswer<T>(schema: z.ZodType<T>, name: string, text: string): T {
  const result = schema.safeParse(jsonOf(text));
  if (!result.success) throw new Error(`${name} gave an answer that cannot be read`, { cause: result.error });
  return result.data;
}

function messageIn(text: string): string | undefined {
  const result = errorSchema.safeParse(jsonOf(text));
  return result.success ? result.data.message.slice(0, 1_000) : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
