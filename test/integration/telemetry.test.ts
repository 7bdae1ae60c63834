import { createServer } from 'node:http';
import { expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { pino } from 'pino';
import { createClosing } from '../../src/cli/closing.ts';
import { startTelemetry } from '../../src/cli/telemetry.ts';
import { createTracing } from '../../src/queues/tracing.ts';

const log = pino({ level: 'silent' });

test('spans are sent to the endpoint, the last of them before the process ends', async () => {
  const received: { readonly url: string | undefined; readonly text: string }[] = [];
  const collector = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      received.push({ url: request.url, text });
      response.setHeader('content-type', 'application/json').end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(collector, 'listening');
  const closing = createClosing(() => undefined);
  const otlpEndpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`;
  const tracing = createTracing(await startTelemetry({ otlpEndpoint, serviceName: 'shop' }, log, closing));
  await tracing.span('a span', null, async () => undefined);
  await closing.close();
  collector.close();
  expect(received).toMatchObject([{ url: '/v1/traces', text: expect.stringContaining('"a span"') }]);
  expect(received[0]?.text).toContain('shop');
});

test('without an endpoint nothing is traced', async () => {
  const closing = createClosing(() => undefined);
  expect(await startTelemetry({ otlpEndpoint: undefined, serviceName: 'shop' }, log, closing)).toBeUndefined();
  const tracing = createTracing(undefined);
  expect(await tracing.span('a span', null, (traceParent) => Promise.resolve(traceParent))).toBeNull();
});
