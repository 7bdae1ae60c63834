import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { InMemorySpanExporter, NodeTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-node';
import type { Telemetry } from 'bullmq';
import { BullMQOtel } from 'bullmq-otel';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';
import { checkedApp } from '../support/checked-app.ts';
import { testRedisUrl } from '../support/database.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

const exporter = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
provider.register();
const telemetry = new BullMQOtel({ tracerName: 'backstep' }) as Telemetry<unknown>;

const CALLER = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' };
const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;

/** In which trace each part of a saga ran. */
const traces = new Map<string, string | undefined>();
const note = (part: string) => void traces.set(part, trace.getActiveSpan()?.spanContext().traceId);
let arrived: () => void = () => undefined;
let wait: Promise<void> = Promise.resolve();

const undone = defineSaga('UNDONE', { input: z.object({}) })
  .step('A', { execute: () => note('A'), compensate: () => note('undo A') })
  .step('B', { execute: () => note('B'), compensate: () => note('undo B') })
  .step('C', {
    execute: () => {
      note('C');
      throw new TerminalError('no');
    },
    compensate: NOTHING_TO_UNDO,
  });

const rebuilt = defineSaga('REBUILT', { input: z.object({}) })
  .step('A', {
    execute: async () => {
      arrived();
      await wait;
    },
    compensate: NOTHING_TO_UNDO,
  })
  .step('B', { execute: () => note('B'), compensate: NOTHING_TO_UNDO });

const isPartOfTrace = (span: ReadableSpan) => span.spanContext().traceId === CALLER.traceId;

async function startOverHttp(engine: Engine, type: string): Promise<string> {
  const app = checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
  const answer = await request(app).post(`/api/sagas/${type}`).set({ traceparent }).send({}).expect(202);
  return (answer.body as { readonly sagaId: string }).sagaId;
}

beforeEach(() => {
  traces.clear();
  exporter.reset();
});
afterAll(() => provider.shutdown());

describe.each(['redis', 'postgres'] as const)('queues in %s', (backend) => {
  let engine: Engine;
  beforeAll(async () => {
    engine = await startEngine(() => [undone], { backend, telemetry });
  });
  afterAll(() => engine.close());

  test('one trace goes from the request through every step and every compensation', async () => {
    const sagaId = await startOverHttp(engine, 'UNDONE');
    expect((await engine.ended(sagaId)).status).toBe('COMPENSATED');
    expect([...traces.keys()]).toEqual(['A', 'B', 'C', 'undo B', 'undo A']);
    expect(new Set(traces.values())).toEqual(new Set([CALLER.traceId]));
    // The root's last run is the span that ends last.
    const spans = await eventually(() => {
      const own = exporter.getFinishedSpans().filter(isPartOfTrace);
      return own.filter(({ name }) => name.startsWith('process saga-')).length >= 6 && own;
    });
    const ids = new Set([CALLER.spanId, ...spans.map((span) => span.spanContext().spanId)]);
    expect(spans.filter(({ parentSpanContext: parent }) => !ids.has(parent?.spanId ?? ''))).toEqual([]);
    expect(spans.find(({ name }) => name === 'POST /api/sagas/:type')?.parentSpanContext?.spanId).toBe(CALLER.spanId);
    expect(spans.map(({ name }) => name)).toContain('start UNDONE');
  });
});

test('a flow that is built anew goes on in the trace of its start', async () => {
  const engine = await startEngine(() => [rebuilt], { telemetry });
  const redis = new Redis(testRedisUrl());
  try {
    const begun = new Promise<void>((resolve) => (arrived = resolve));
    let letGo: () => void = () => undefined;
    wait = new Promise((resolve) => (letGo = resolve));
    const sagaId = await startOverHttp(engine, 'REBUILT');
    await begun;
    await redis.del(...(await redis.keys(`${engine.prefix}*`)));
    letGo();
    expect(await engine.ended(sagaId, 40_000)).toMatchObject({ status: 'COMPLETED', generation: 2 });
    expect(traces.get('B')).toBe(CALLER.traceId);
  } finally {
    redis.disconnect();
    await engine.close();
  }
});
