import { z } from 'zod';
import type { Reply, Route, RouteRequest } from '../../index.ts';
import { HttpError, route } from '../../index.ts';
import { booksSchema, type Fault, faultSchema, faultsSchema } from '../sandbox/schemas.ts';

const TIMEOUT_MS = 5_000;

const SANDBOX = { name: 'Sandbox', description: 'Faults and books of the sandbox payment provider.' };

const FAULT: Fault = { operation: 'refund', fault: 'error', times: 2, delayMs: 1_000 };

const BOOKS: z.infer<typeof booksSchema> = {
  items: [
    {
      operation: 'charge',
      id: 'ch-1',
      key: 'payment_purchase-0d4c6a1e-7f0c-4a57-9d1e-0a3cf3f7a001:PROCESS_PAYMENT:do',
      method: 'alipay',
      paymentId: 'pay-0042',
      amount: 100,
      originalKey: null,
      at: '2026-03-02T09:15:04.512Z',
    },
  ],
  voids: [],
};

/** The sandbox provider's own routes, beside the application's: for trying out what a failing provider does. */
export function sandboxRoutes(url: string): readonly Route[] {
  const faults = { description: 'The faults in force', schema: faultsSchema, example: { items: [FAULT] } };
  const unreachable = { description: 'SANDBOX_UNREACHABLE' };
  return [
    route({
      method: 'post',
      path: '/sandbox/faults',
      role: 'operator',
      summary: 'Order faults of the sandbox payment provider',
      name: 'orderFault',
      tag: SANDBOX,
      example: { body: { operation: 'refund', fault: 'error', times: 2 } },
      body: faultSchema,
      responses: { 201: faults, 502: unreachable },
      handler: ({ body }: RouteRequest<unknown, unknown, z.infer<typeof faultSchema>>) =>
        forward(url, 'POST', '/sandbox/faults', body),
    }),
    route({
      method: 'get',
      path: '/sandbox/faults',
      role: 'viewer',
      summary: 'List the faults in force',
      name: 'listFaults',
      tag: SANDBOX,
      example: {},
      responses: { 200: faults, 502: unreachable },
      handler: () => forward(url, 'GET', '/sandbox/faults'),
    }),
    route({
      method: 'delete',
      path: '/sandbox/faults',
      role: 'operator',
      summary: 'Clear the faults',
      name: 'clearFaults',
      tag: SANDBOX,
      example: {},
      responses: { 200: faults, 502: unreachable },
      handler: () => forward(url, 'DELETE', '/sandbox/faults'),
    }),
    route({
      method: 'get',
      path: '/sandbox/operations',
      role: 'viewer',
      summary: "What took effect: the sandbox provider's books",
      name: 'listOperations',
      tag: SANDBOX,
      example: {},
      responses: {
        200: { description: 'The books, oldest first', schema: booksSchema, example: BOOKS },
        502: unreachable,
      },
      handler: () => forward(url, 'GET', '/sandbox/operations'),
    }),
  ];
}

async function forward(url: string, method: string, path: string, body?: object): Promise<Reply> {
  try {
    const response = await fetch(new URL(path, url), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, body: await response.json() };
  } catch (error) {
    throw new HttpError(502, 'SANDBOX_UNREACHABLE', 'The sandbox payment provider gives no answer', { cause: error });
  }
}
