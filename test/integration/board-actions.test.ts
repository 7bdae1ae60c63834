import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Queue } from 'bullmq';
import { z } from 'zod';
import { ACTIONS } from '../../src/http/board/actions.ts';
import { NOTHING_TO_UNDO, RunnerError, defineSaga } from '../../src/index.ts';
import type { BoardClient } from '../support/board.ts';
import { boardClient } from '../support/board.ts';
import type { Engine } from '../support/engine.ts';
import { startEngine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';

let engine: Engine;
let operator: BoardClient;
let viewer: BoardClient;
let undoFails = true;
let events = 0;
let eventsFail = true;

const breaking = defineSaga('BREAKING', { input: z.object({}), redact: ['card.number'] })
  .step('A', {
    attempts: 1,
    execute: () => undefined,
    compensate: () => {
      if (undoFails) throw new Error('still down');
    },
  })
  .step('B', {
    attempts: 1,
    execute: () => {
      throw new Error('no');
    },
    compensate: NOTHING_TO_UNDO,
  })
  .step('C', { execute: () => undefined, compensate: NOTHING_TO_UNDO });

/** What an event of the application tells. */
const PAID = { amount: 7, card: { number: '4111', brand: 'any' }, customer: { name: 'Ann' } };

const asking = defineSaga('ASKING', { input: z.object({}), redact: ['customer.*'] })
  .step('FIRST', { execute: () => undefined, compensate: NOTHING_TO_UNDO })
  .wait('ANSWER', {
    signal: z.object({ yes: z.boolean() }),
    timeoutMs: 60_000,
    request: () => Promise.resolve(),
    compensate: NOTHING_TO_UNDO,
  });

const hearEvent = () => {
  events += 1;
  return eventsFail ? Promise.reject(new Error('not heard')) : Promise.resolve();
};

/** The ids that paths speak of: a parked saga, one that sleeps, and an event that nobody could hear. */
let parked = '';
let asleep = '';

beforeAll(async () => {
  // For the queue of notices: nothing is told.
  const webhooks = { urls: ['http://127.0.0.1:9'], secret: 's'.repeat(32), events: [] };
  engine = await startEngine(() => [breaking, asking], { webhooks });
  operator = boardClient(engine.runner, 'operator', 'olga');
  viewer = boardClient(engine.runner, 'viewer', 'vera');
  await engine.runner.consume({ told: hearEvent });
  await queue('events').add('told', { name: 'told', key: 'k1', payload: PAID }, { jobId: 'event-x', attempts: 1 });
  parked = await park();
  asleep = await sleep();
  await inState('events', 'event-x', 'failed');
});
afterAll(() => engine.close());

function queue(name: string): Queue {
  const found = engine.runner.queues.list().find((each) => each.name === name);
  if (!found) throw new Error(`no queue ${name}`);
  return found;
}

const inState = (name: string, jobId: string, state: string) =>
  eventually(async () => (await queue(name).getJobState(jobId)) === state);

async function park(): Promise<string> {
  undoFails = true;
  const { sagaId } = await engine.runner.start('BREAKING', {});
  expect((await engine.ended(sagaId)).status).toBe('FAILED');
  // The job fails in Redis a moment after its saga is parked.
  await inState('saga-compensations', `${sagaId}.g1.A.undo`, 'failed');
  return sagaId;
}

async function sleep(): Promise<string> {
  const { sagaId } = await engine.runner.start('ASKING', {});
  await inState('saga-steps', `${sagaId}.g1.ANSWER`, 'delayed');
  return sagaId;
}

const audited = async () =>
  (await engine.runner.audit({ action: 'queue' })).items.map(({ actor, detail }) => [actor, detail]);

const fill = (path: string) =>
  path
    .replace('PARKED', `/queues/saga-compensations/${parked}.g1.A.undo`)
    .replace('STUCK', `/queues/saga-steps/${parked}.g1.B`)
    .replace('ASLEEP', `/queues/saga-steps/${asleep}.g1.ANSWER`)
    .replace('EVENT', '/queues/events/event-x')
    .replace('SAGA', parked);

test.each(ACTIONS.map(({ name, method, path }) => [name, method, path] as const))(
  'a viewer may not %s',
  async (_name, method, path) => {
    const named = path.replace(':queueName', 'saga-steps').replace(/:\w+/, 'x');
    const response = await viewer.send(method, named).send({});
    expect([response.status, response.body.code]).toEqual([403, 'FORBIDDEN']);
    expect(response.body.message).toMatch(/role operator.*role viewer/);
  },
);

test('a viewer sees the queues without buttons, an operator with them', async () => {
  const modes = async (client: BoardClient) => {
    const { queues } = (await client.get('/api/queues').expect(200)).body as { queues: { readOnlyMode: boolean }[] };
    return [...new Set(queues.map(({ readOnlyMode }) => readOnlyMode))];
  };
  expect(await modes(viewer)).toEqual([true]);
  expect(await modes(operator)).toEqual([false]);
});

const REFUSED: readonly (readonly [what: string, method: 'put' | 'post' | 'patch', path: string, where: RegExp])[] = [
  ['a job added to the steps', 'post', '/queues/saga-steps/add', /Start a saga in the console/],
  ['a job added to the compensations', 'post', '/queues/saga-compensations/add', /Start a saga in the console/],
  ['an event added', 'post', '/queues/events/add', /writeEvent/],
  ['a notice added', 'post', '/queues/notices/add', /none to add/],
  ['all failed steps retried', 'put', '/queues/saga-steps/retry/failed', /in the record/],
  ['all completed compensations retried', 'put', '/queues/saga-compensations/retry/completed', /Only what failed/],
  ['all completed events retried', 'put', '/queues/events/retry/completed', /Only what failed/],
  ['a failed step retried', 'put', 'STUCK/retry', /in the record.*\/console\/sagas\/.+/],
  ['waiting steps cleaned', 'put', '/queues/saga-steps/clean/wait', /pause the queue/],
  ['sleeping steps cleaned', 'put', '/queues/saga-steps/clean/delayed', /pause the queue/],
  ['failed compensations cleaned', 'put', '/queues/saga-compensations/clean/failed', /console\/inbox/],
  ['failed events cleaned', 'put', '/queues/events/clean/failed', /can be retried/],
  ['running notices cleaned', 'put', '/queues/notices/clean/active', /has ended/],
  ['a queue emptied', 'put', '/queues/saga-steps/empty', /cancel them in \/console/],
  ['the events emptied', 'put', '/queues/events/empty', /relayed again/],
  ['a queue obliterated', 'put', '/queues/saga-steps/obliterate', /belongs to the engine/],
  ['the notices obliterated', 'put', '/queues/notices/obliterate', /belongs to the engine/],
  ['a limit of concurrency', 'put', '/queues/saga-steps/concurrency', /WORKER_CONCURRENCY/],
  ['a limit of rate', 'put', '/queues/saga-steps/rate-limit', /`limits`/],
  ['a limit of rate released', 'put', '/queues/saga-steps/rate-limit/release', /`limits`/],
  ['a scheduler removed', 'put', '/queues/saga-steps/job-schedulers/x/remove', /no schedulers/],
  ['a scheduler changed', 'patch', '/queues/saga-steps/job-schedulers/x', /no schedulers/],
  ['a scheduler run', 'put', '/queues/saga-steps/job-schedulers/x/run', /no schedulers/],
  ['a sleeping step removed', 'put', 'ASLEEP/clean', /cancel it: open \/console\/sagas\/.+/],
  ['a failed compensation removed', 'put', 'PARKED/clean', /console\/inbox/],
  ['a failed event removed', 'put', 'EVENT/clean', /can be retried/],
  ['a failed step promoted', 'put', 'STUCK/promote', /sleeps/],
  ["a step's data changed", 'patch', 'ASLEEP/update-data', /in the record/],
  ["an event's data changed", 'patch', 'EVENT/update-data', /stays as it is/],
  ["a sleeping step's time changed", 'patch', 'ASLEEP/delay', /promote/],
  ["a step's priority changed", 'patch', 'ASLEEP/priority', /further go first/],
  ['the children of a job removed', 'put', 'ASLEEP/remove-unprocessed-children', /cancel it/],
];

test.each(REFUSED)('refused, with where it is done: %s', async (_what, method, path, where) => {
  const before = await audited();
  const response = await operator.send(method, fill(path)).send({ name: 'x', data: {}, force: true, concurrency: 1 });
  expect(response.status).toBe(409);
  expect(response.headers['content-type']).toContain('application/problem+json');
  expect(response.body).toMatchObject({ code: 'DONE_ELSEWHERE', title: 'Conflict', error: 'Not done here' });
  expect(response.body.message).toMatch(where);
  expect(response.body.detail).toBe(response.body.message);
  expect(await audited()).toEqual(before);
});

test('what is refused has changed nothing', async () => {
  expect(await queue('saga-compensations').getJobState(`${parked}.g1.A.undo`)).toBe('failed');
  expect(await queue('saga-steps').getJobState(`${asleep}.g1.ANSWER`)).toBe('delayed');
  expect(await queue('saga-steps').getGlobalConcurrency()).toBeNull();
  expect(events).toBe(1);
  expect((await engine.runner.get(parked)).status).toBe('FAILED');
});

test('a write that is not in the table is not done', async () => {
  const response = await operator.send('post', '/metrics/history/purge').send({});
  expect([response.status, response.body.code]).toEqual([404, 'UNKNOWN_ACTION']);
});

test('an unknown queue and an unknown job are 404, and not audited', async () => {
  const before = await audited();
  expect((await operator.send('put', '/queues/nothing/pause')).body.code).toBe('UNKNOWN_QUEUE');
  expect((await operator.send('put', '/queues/saga-steps/nothing/clean')).body.code).toBe('UNKNOWN_JOB');
  expect(await audited()).toEqual(before);
});

test('queues are paused and resumed, one and all, and the audit says by whom', async () => {
  await operator.send('put', '/queues/saga-outcomes/pause').expect(200);
  expect(await queue('saga-outcomes').isPaused()).toBe(true);
  await operator.send('put', '/queues/saga-outcomes/resume').expect(200);
  expect(await queue('saga-outcomes').isPaused()).toBe(false);
  await operator.send('put', '/queues/pause').expect(200);
  expect(await queue('saga-steps').isPaused()).toBe(true);
  await operator.send('put', '/queues/resume').expect(200);
  expect(await queue('saga-steps').isPaused()).toBe(false);
  expect((await audited()).slice(0, 4)).toEqual([
    ['olga', 'resume all'],
    ['olga', 'pause all'],
    ['olga', 'resume saga-outcomes'],
    ['olga', 'pause saga-outcomes'],
  ]);
});

test('a promoted wait sleeps again, and takes its answer when it comes', async () => {
  const sagaId = await sleep();
  await operator.send('put', `/queues/saga-steps/${sagaId}.g1.ANSWER/promote`).expect(204);
  await eventually(async () => ((await queue('saga-steps').getJob(`${sagaId}.g1.ANSWER`))?.attemptsStarted ?? 0) > 1);
  await operator.send('put', '/queues/saga-steps/promote').expect(200);
  await inState('saga-steps', `${sagaId}.g1.ANSWER`, 'delayed');
  expect((await engine.runner.get(sagaId)).status).toBe('RUNNING');
  await engine.runner.signal(sagaId, 'ANSWER', { yes: true });
  await engine.until(sagaId, ({ status }) => status === 'COMPLETED');
  expect(await audited()).toContainEqual(['olga', `promote saga-steps ${sagaId}.g1.ANSWER`]);
});

test('what has ended is removed and cleaned, and its saga goes on', async () => {
  const sagaId = await sleep();
  await operator.send('put', `/queues/saga-steps/${sagaId}.g1.FIRST/clean`).expect(204);
  expect(await queue('saga-steps').getJobState(`${sagaId}.g1.FIRST`)).toBe('unknown');
  await operator.send('put', '/queues/saga-steps/clean/completed').expect(200);
  await operator.send('put', '/queues/saga-steps/clean/failed').expect(200);
  await engine.runner.signal(sagaId, 'ANSWER', { yes: true });
  await engine.until(sagaId, ({ status }) => status === 'COMPLETED');
  const [entry] = (await engine.runner.audit({ sagaId })).items;
  expect(entry).toMatchObject({ actor: 'olga', action: 'queue', detail: `remove saga-steps ${sagaId}.g1.FIRST` });
});

test('a failed event is heard when it is retried, alone or with all others', async () => {
  eventsFail = false;
  await operator.send('put', '/queues/events/event-x/retry').expect(204);
  await inState('events', 'event-x', 'completed');
  expect(events).toBe(2);
  await operator.send('put', '/queues/events/retry/failed').expect(200);
  expect((await audited()).slice(0, 2)).toEqual([
    ['olga', 'retry all events failed'],
    ['olga', 'retry events event-x'],
  ]);
});

test('all failed compensations are retried by the engine, by the name of who pressed', async () => {
  const others = [await park(), await park()];
  undoFails = false;
  const { body } = await operator.send('put', '/queues/saga-compensations/retry/failed').expect(200);
  expect(body).toEqual({ retried: 3, skipped: 0 });
  for (const sagaId of [parked, ...others]) {
    const saga = await engine.until(sagaId, ({ status }) => status === 'COMPENSATED');
    expect(saga.tasks).toMatchObject([{ resolution: 'retry', resolvedBy: 'olga', reason: 'Retried in the dashboard' }]);
  }
});

test('a retry that the engine refuses is refused, and skipped among all', async () => {
  const sagaId = await park();
  const tooLate = () => Promise.reject(new RunnerError('WRONG_STATE', `Saga ${sagaId} has moved on`));
  const late = boardClient({ ...engine.runner, retryCompensation: tooLate }, 'operator', 'olga');
  const response = await late.send('put', `/queues/saga-compensations/${sagaId}.g1.A.undo/retry`);
  expect([response.status, response.body.code]).toEqual([409, 'WRONG_STATE']);
  expect(response.body.message).toBe(`Saga ${sagaId} has moved on`);
  const { body } = await late.send('put', '/queues/saga-compensations/retry/failed').expect(200);
  expect(body).toEqual({ retried: 0, skipped: 1 });
});

test('a job links to its saga, and an event to none', async () => {
  const link = async (path: string) =>
    (await viewer.get(`/api${fill(path)}`).expect(200)).body.job.externalUrl as unknown;
  expect(await link('ASLEEP')).toEqual({ href: `../../console/sagas/${asleep}`, displayText: 'Open saga ↗' });
  expect(await link('EVENT')).toBeUndefined();
});

test("what any saga names as personal is not shown in an event's job", async () => {
  const { body } = await operator.get(`/api${fill('EVENT')}`).expect(200);
  expect(body.job.data.payload).toEqual({
    amount: 7,
    card: { number: '[redacted]', brand: 'any' },
    customer: { name: '[redacted]' },
  });
  const { text } = await operator.get('/api/queues?activeQueue=events').expect(200);
  expect(text).toContain('redacted');
  expect(text).not.toMatch(/4111|Ann/);
});

test('the page has the name and the icon of the product, and nothing from elsewhere', async () => {
  const { text } = await viewer.get('/').expect(200);
  expect(text).toContain('<title>Backstep</title>');
  expect(text).toContain('/admin/queues/brand.svg');
  expect(text.replaceAll(/<script id="__UI_CONFIG__".*?<\/script>/g, '')).not.toMatch(/https?:\/\//);
  const { headers } = await viewer.get('/brand.svg').expect(200);
  expect(headers['content-type']).toContain('image/svg+xml');
});
