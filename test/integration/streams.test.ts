import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import { z } from 'zod';
import type { HttpServer } from '../../src/cli/http-server.ts';
import { serveHttp } from '../../src/cli/http-server.ts';
import { defineSaga } from '../../src/core/define.ts';
import { NOTHING_TO_UNDO, manual } from '../../src/core/definition.ts';
import { TerminalError } from '../../src/core/errors.ts';
import { sagaSummary, sagaView } from '../../src/http/views.ts';
import type { SagaSummary, SagaView } from '../../src/store/views.ts';
import { checkedApp } from '../support/checked-app.ts';
import { openEvents } from '../support/event-client.ts';
import { eventually } from '../support/eventually.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';

/** Resolves when the step of HELD may go on. */
let release: () => void = () => undefined;

const sagas = [
  defineSaga('HELD', { input: z.object({ card: z.string() }), redact: ['card'] }).step('WORK', {
    execute: () => new Promise<void>((resolve) => (release = resolve)),
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('PARKED', { input: z.object({}) })
    .step('PAY', { execute: () => ({ paid: true }), compensate: manual('Give it back') })
    .step('SHIP', { execute: () => Promise.reject(new TerminalError('no')), compensate: NOTHING_TO_UNDO }),
];

let engine: Engine;
let server: HttpServer;
beforeAll(async () => {
  engine = await startEngine(() => sagas);
  const app = checkedApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
  server = await serveHttp(app, { host: '127.0.0.1', port: 0 });
});
afterAll(async () => {
  await server.close();
  await engine.close();
});

test('a saga is seen to its end, in its own stream and in the list, and nothing that is redacted with it', async () => {
  const list = await openEvents(`${server.url}/api/sagas/stream?type=HELD`);
  await list.count(1);
  expect(list.events).toEqual([{ event: 'sagas', data: { items: [], ids: [] } }]);
  const { sagaId } = await engine.runner.start('HELD', { card: '4111-1111' });
  const saga = await openEvents(`${server.url}/api/sagas/${sagaId}/stream`);
  await saga.count(1);
  await eventually(() => list.events.some(({ data }) => (data as { ids: string[] }).ids.includes(sagaId)));
  release();
  const lastOf = (client: typeof saga) => client.events.at(-1)?.data;
  await eventually(() => (lastOf(saga) as SagaView).status === 'COMPLETED');
  await eventually(() => (lastOf(list) as { items: SagaSummary[] }).items[0]?.status === 'COMPLETED');
  for (const { data } of saga.events) sagaView.parse(data);
  for (const { data } of list.events) (data as { items: unknown[] }).items.forEach((item) => sagaSummary.parse(item));
  expect((lastOf(saga) as SagaView).next).toBe('Nothing: it has completed.');
  expect(saga.text() + list.text()).not.toContain('4111');
  saga.close();
  list.close();
});

test('of a parked saga nothing comes until a person has acted', async () => {
  const { sagaId } = await engine.runner.start('PARKED', {});
  const parked = await engine.ended(sagaId);
  expect(parked.next).toContain(`It waits for a person: PAY is to be undone by hand (task ${parked.tasks[0]?.id})`);
  const saga = await openEvents(`${server.url}/api/sagas/${sagaId}/stream`);
  await saga.count(1);
  // A second stream is opened later and reads the same: the first has had its chance to say something.
  const beside = await openEvents(`${server.url}/api/sagas/stream?type=PARKED`);
  await beside.count(1);
  expect(saga.events).toHaveLength(1);
  await engine.runner.resolve(parked.tasks[0]?.id ?? '', 'undone', { actor: 'ada', reason: 'by phone' });
  await eventually(() => (saga.events.at(-1)?.data as SagaView | undefined)?.status === 'COMPENSATED');
  saga.close();
  beside.close();
});
