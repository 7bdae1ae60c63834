import { expect, test } from '@jest/globals';
import request from 'supertest';
import { z } from 'zod';
import { defineSaga } from '../../src/core/define.ts';
import type { SagaDefinition } from '../../src/core/definition.ts';
import { NOTHING_TO_UNDO, manual } from '../../src/core/definition.ts';
import { createRegistry } from '../../src/core/registry.ts';
import { definition as schema } from '../../src/http/views/definition.ts';
import { testApp } from '../support/http.ts';

const nothing = { execute: () => undefined, compensate: NOTHING_TO_UNDO };
const BUY = defineSaga('BUY', {
  input: z.object({ amount: z.number().positive(), note: z.string().default('none'), at: z.date().optional() }),
  timeoutMs: 1_000,
  limits: { perSecond: 5 },
  redact: ['note'],
})
  .step('PAY', { ...nothing, attempts: 7, limits: { concurrency: 2 }, compensate: manual('Give it back') })
  .wait('ANSWER', { request: () => undefined, signal: z.object({}), compensate: () => undefined });

const ask = async (...definitions: SagaDefinition[]) => {
  const { body } = await request(testApp({ overrides: { definitions: createRegistry(definitions) } }).app)
    .get('/api/definitions')
    .expect(200);
  return (body as { items: unknown[] }).items.map((item) => schema.parse(item));
};

test('a definition is told with its steps and what a request looks like', async () => {
  expect(await ask(BUY)).toEqual([
    {
      type: 'BUY',
      timeoutMs: 1_000,
      onCompensationFailure: 'stop',
      redact: ['note'],
      steps: [
        {
          name: 'PAY',
          kind: 'step',
          undo: 'manual',
          instructions: 'Give it back',
          attempts: 7,
          timeoutMs: 30_000,
          limits: { concurrency: 2 },
        },
        {
          name: 'ANSWER',
          kind: 'wait',
          undo: 'auto',
          instructions: null,
          attempts: 3,
          timeoutMs: 60_000,
          limits: { perSecond: 5 },
        },
      ],
      input: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          amount: { type: 'number', exclusiveMinimum: 0 },
          note: { type: 'string', default: 'none' },
          at: {},
        },
        required: ['amount'],
      },
    },
  ]);
});

test('a schema that JSON Schema cannot say is any', async () => {
  const input = { safeParse: () => ({ success: true, data: {} }) } as unknown as z.ZodType<object>;
  const [told] = await ask(defineSaga('ODD', { input }).step('A', nothing));
  expect(told?.input).toEqual({});
});
