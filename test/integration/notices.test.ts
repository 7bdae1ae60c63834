import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { endpointOf } from '../../src/core/notice.ts';
import type { SqlRunner } from '../../src/core/definition.ts';
import type { Fact, NoticeEvent } from '../../src/index.ts';
import { NOTHING_TO_UNDO, defineSaga, verifyWebhook, writeEvent } from '../../src/index.ts';
import { boardClient } from '../support/board.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import type { Receiver } from '../support/receiver.ts';
import { startReceiver } from '../support/receiver.ts';

const secret = 'a secret of more than thirty-two characters';
const EVENTS = ['saga.parked', 'task.opened', 'saga.finished:TRIP', 'saga.finished:BREAKING'];

const failing = {
  attempts: 1,
  execute: () => {
    throw new Error('fully booked');
  },
  compensate: NOTHING_TO_UNDO,
} as const;

let undoFails = true;

const define = () => [
  defineSaga('TRIP', { input: z.object({}) })
    .step('BOOK', { execute: () => undefined, compensate: NOTHING_TO_UNDO })
    .step('PAY', { execute: () => undefined, compensate: NOTHING_TO_UNDO }),
  defineSaga('QUIET', { input: z.object({}) }).step('ONLY', {
    execute: () => undefined,
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('WRITING', { input: z.object({}) }).transaction('ONLY', {
    execute: async ({ tx }: { readonly tx: SqlRunner }) => writeEvent(tx, { name: 'told', key: 'one', payload: {} }),
    compensate: NOTHING_TO_UNDO,
  }),
  defineSaga('BREAKING', { input: z.object({}) })
    .step('HOLD', {
      attempts: 1,
      execute: () => undefined,
      compensate: () => {
        if (undoFails) throw new Error('provider answered 503');
      },
    })
    .step('BOOK', failing),
];

let receiver: Receiver;
let other: Receiver;
let engine: Engine;
const facts: Fact[] = [];

async function start(events: readonly string[] = EVENTS, work = true): Promise<void> {
  const webhooks = { urls: [receiver.url], secret, events };
  engine = await startEngine(define, { webhooks, work, meter: { note: (fact) => facts.push(fact) } });
}

beforeEach(async () => {
  undoFails = true;
  facts.length = 0;
  [receiver, other] = await Promise.all([startReceiver(), startReceiver()]);
});
afterEach(async () => {
  await engine.close();
  await Promise.all([receiver.close(), other.close()]);
});

async function park(): Promise<string> {
  const { sagaId } = await engine.runner.start('BREAKING', {});
  expect((await engine.ended(sagaId)).status).toBe('FAILED');
  return sagaId;
}

const told = (event: NoticeEvent) => receiver.told.filter(({ notice }) => notice.event === event);
const untilTold = (event: NoticeEvent, count = 1) => eventually(() => Promise.resolve(told(event).length >= count));
const written = async () =>
  (await engine.sql.query<{ name: string }>(`SELECT name FROM outbox ORDER BY id`)).rows.map(({ name }) => name);
const noted = () => facts.filter((fact) => fact.kind === 'notice').map(({ event, outcome }) => `${event} ${outcome}`);
const untilConsumed = (timeoutMs = 20_000) =>
  eventually(async () => (await engine.sql.query(`SELECT 1 FROM outbox WHERE consumed_at IS NULL`)).rowCount === 0, {
    timeoutMs,
  });

function notices(): Queue {
  const found = engine.runner.queues.list().find(({ name }) => name === 'notices');
  if (!found) throw new Error('no queue of notices');
  return found;
}
const onlyJob = (state: 'delayed' | 'failed') =>
  eventually(async () => {
    const [job] = await notices().getJobs([state]);
    return job;
  });

test('a parked saga and its task are told, signed, and a tampered body does not verify', async () => {
  await start();
  const sagaId = await park();
  await Promise.all([untilTold('saga.parked'), untilTold('task.opened')]);
  const saga = { sagaId, type: 'BREAKING', status: 'FAILED', error: 'fully booked' };
  const [parked] = told('saga.parked');
  const [opened] = told('task.opened');
  const [task] = (await engine.runner.get(sagaId)).tasks;
  expect(parked?.notice).toEqual({ id: parked?.notice.id, event: 'saga.parked', at: parked?.notice.at, saga });
  expect(opened?.notice).toMatchObject({
    id: `task.opened:${task?.id}`,
    saga,
    task: { id: task?.id, step: 'HOLD', kind: 'COMPENSATION_FAILED', message: 'provider answered 503' },
  });
  for (const { headers, body, notice } of receiver.told) {
    const signature = String(headers['backstep-signature']);
    expect(verifyWebhook({ body, signature, secret })).toEqual(notice);
    expect(verifyWebhook({ body: body.replace('FAILED', 'COMPLETED'), signature, secret })).toBeUndefined();
    expect(headers).toMatchObject({ 'backstep-event-id': notice.id, 'content-type': 'application/json' });
    expect(new Date(notice.at).toISOString()).toBe(notice.at);
  }
  await untilConsumed();
  expect(noted().toSorted()).toEqual(['saga.parked delivered', 'task.opened delivered']);
});

test('the end of a saga is told of the types that are asked for, however it ends', async () => {
  await start();
  const completed = await engine.runner.start('TRIP', {});
  await engine.runner.start('QUIET', {}).then(({ sagaId }) => engine.ended(sagaId));
  await engine.ended(completed.sagaId);
  undoFails = false;
  const compensated = await engine.runner.start('BREAKING', {});
  await untilTold('saga.finished', 2);
  await untilConsumed();
  expect(receiver.told.map(({ notice: { id, saga } }) => ({ id, ...saga }))).toEqual(
    expect.arrayContaining(
      [
        {
          id: `saga.finished:${completed.sagaId}`,
          ...completed,
          created: undefined,
          type: 'TRIP',
          status: 'COMPLETED',
          error: null,
        },
        {
          id: `saga.finished:${compensated.sagaId}`,
          ...compensated,
          created: undefined,
          type: 'BREAKING',
          status: 'COMPENSATED',
          error: 'fully booked',
        },
      ].map(({ created: _created, ...saga }) => saga),
    ),
  );
  expect(receiver.told).toHaveLength(2);
});

test('where the end of all sagas is told, that of one whose last step commits with its record is', async () => {
  await start(['saga.finished']);
  const { sagaId } = await engine.runner.start('WRITING', {});
  await untilTold('saga.finished');
  expect(told('saga.finished')[0]?.notice.saga).toMatchObject({ sagaId, type: 'WRITING', status: 'COMPLETED' });
});

test("the application's events go to their own queue, and may not be called as notices are", async () => {
  await start(['saga.finished']);
  const heard: string[] = [];
  await engine.runner.consume({ told: async ({ key }) => void heard.push(key) });
  await engine.runner.start('WRITING', {});
  await untilTold('saga.finished');
  await eventually(() => Promise.resolve(heard.length === 1));
  await expect(
    writeEvent({} as SqlRunner, { name: 'backstep.saga.parked', key: 'k', payload: {} }),
  ).rejects.toMatchObject({ code: 'INVALID_INPUT' });
});

test('a receiver that is down is told when it is up again, once', async () => {
  await start(['saga.parked']);
  receiver.answer(500);
  await park();
  const job = await onlyJob('delayed');
  expect(job?.failedReason).toBe('The receiver answered 500');
  receiver.answer(204);
  await job?.promote();
  await untilConsumed();
  expect(told('saga.parked').map(({ notice }) => notice.id)).toEqual([job?.data.notice.id, job?.data.notice.id]);
  expect(noted()).toEqual(['saga.parked retried', 'saga.parked delivered']);
});

test('a receiver that leads elsewhere is not followed', async () => {
  await start(['saga.parked']);
  receiver.answer(307);
  await park();
  expect((await onlyJob('delayed'))?.failedReason).toBe('The receiver answered 307');
  expect(receiver.told).toHaveLength(1);
});

test('a receiver that is gone, or says that it is, is tried again', async () => {
  await start(['saga.parked']);
  receiver.answer(410);
  const sagaId = await park();
  expect((await onlyJob('delayed'))?.failedReason).toBe('The receiver answered 410');
  await receiver.close();
  await (await onlyJob('delayed'))?.promote();
  await eventually(async () => /out of reach|did not answer/.test((await onlyJob('delayed'))?.failedReason ?? ''));
  undoFails = false;
  await engine.runner.retryCompensation(sagaId, 'HOLD', { actor: 'olga', reason: 'it is up again' });
  expect((await engine.until(sagaId, ({ status }) => status === 'COMPENSATED')).error).toBe('fully booked');
});

test('a receiver that answers nothing holds up no saga and no event', async () => {
  await start(['saga.parked', 'task.opened']);
  receiver.answer('nothing');
  const heard: string[] = [];
  await engine.runner.consume({ told: async ({ key }) => void heard.push(key) });
  await Promise.all(Array.from({ length: 8 }, park));
  // All that are sent at the same time hang.
  await eventually(() => Promise.resolve(receiver.told.length >= 10));
  const started = await Promise.all(Array.from({ length: 20 }, () => engine.runner.start('TRIP', {})));
  await engine.runner.start('WRITING', {});
  for (const { sagaId } of started) expect((await engine.ended(sagaId)).status).toBe('COMPLETED');
  await eventually(() => Promise.resolve(heard.length === 1));
  expect(noted().filter((outcome) => outcome.endsWith('delivered'))).toEqual([]);
});

test('a notice that was written where nobody relays is delivered by another process', async () => {
  await start(['saga.finished'], false);
  const { sagaId } = await engine.runner.start('TRIP', {});
  await engine.runner.cancel(sagaId, { actor: 'olga', reason: 'enough' });
  expect(await written()).toEqual(['backstep.saga.finished']);
  expect(receiver.told).toEqual([]);
  await engine.another().work();
  await untilTold('saga.finished');
  expect(told('saga.finished')[0]?.notice.saga).toMatchObject({ sagaId, status: 'CANCELLED' });
});

test('a notice whose job vanished before it was delivered is delivered', async () => {
  await start(['saga.parked']);
  receiver.answer(500);
  await park();
  await onlyJob('delayed');
  receiver.answer(204);
  await notices().obliterate({ force: true });
  await untilConsumed(40_000);
  expect(told('saga.parked')).toHaveLength(2);
}, 60_000);

test('a notice that was given up stays failed in its queue, where an operator can retry it', async () => {
  await start(['saga.parked']);
  receiver.answer(500);
  await notices().pause();
  const sagaId = await park();
  const [waiting] = await eventually(async () => {
    const jobs = await notices().getJobs(['waiting']);
    return jobs.length > 0 ? jobs : undefined;
  });
  const last = { attempts: 1, jobId: 'notice-last' };
  await notices().add('saga.parked', waiting?.data, last);
  await waiting?.remove();
  await notices().resume();
  const failed = await onlyJob('failed');
  await untilConsumed();
  expect(noted()).toEqual(['saga.parked failed']);
  receiver.answer(204);
  const board = boardClient(engine.runner, 'operator', 'olga');
  const { body } = await board.get(`/api/queues/notices/${failed?.id}`).expect(200);
  expect(body.job.externalUrl.href).toBe(`../../console/sagas/${sagaId}`);
  expect(JSON.stringify(body)).not.toMatch(/of-the-receiver|thirty-two/);
  await board.send('put', `/queues/notices/${failed?.id}/retry`).expect(204);
  await untilTold('saga.parked', 2);
  const [entry] = (await engine.runner.audit({ action: 'queue' })).items;
  expect(entry).toMatchObject({ actor: 'olga', detail: 'retry notices notice-last', sagaId });
});

test('a notice for a receiver that is not configured any more is dropped', async () => {
  await start(['saga.parked']);
  await notices().pause();
  await park();
  const [waiting] = await eventually(async () => {
    const jobs = await notices().getJobs(['waiting']);
    return jobs.length > 0 ? jobs : undefined;
  });
  await waiting?.updateData({ ...waiting.data, endpoint: endpointOf('https://gone.example') });
  await notices().resume();
  await untilConsumed();
  expect(noted()).toEqual(['saga.parked dropped']);
  expect(receiver.told).toEqual([]);
});

test('nothing is written, and there is no queue, where there are no webhooks', async () => {
  engine = await startEngine(define);
  await engine.runner.start('TRIP', {}).then(({ sagaId }) => engine.ended(sagaId));
  await park();
  expect(await written()).toEqual([]);
  expect(engine.runner.queues.list().map(({ name }) => name)).not.toContain('notices');
});

test('two receivers are told, each of its own', async () => {
  const webhooks = { urls: [receiver.url, other.url], secret };
  engine = await startEngine(define, { webhooks });
  receiver.answer(500);
  await park();
  await eventually(() => Promise.resolve(other.told.length === 2 && receiver.told.length === 2));
  expect(other.told.map(({ notice }) => notice.id).toSorted()).toEqual(
    receiver.told.map(({ notice }) => notice.id).toSorted(),
  );
});
