import { afterAll, beforeAll, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { createApp } from '../../src/http/app.ts';
import { defineSaga, NOTHING_TO_UNDO } from '../../src/index.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem } from '../support/http.ts';

const saga = defineSaga('PLAIN', { input: z.object({}) }).step('ONLY', {
  execute: () => undefined,
  compensate: NOTHING_TO_UNDO,
});

let engine: Engine;
let app: ReturnType<typeof createApp>;
const API = '/admin/queues/api/queues';

beforeAll(async () => {
  engine = await startEngine(() => [saga]);
  app = createApp({ runner: engine.runner, log: pino({ level: 'silent' }) });
  await eventually(() => engine.runner.queues.ping().then(() => true));
});
afterAll(() => engine.close());

test('a queue that is none is 404; a body that is no JSON, and a name that does not decode, 400', async () => {
  expectProblem(await request(app).get(`${API}/none/metrics`), 404, 'QUEUE_NOT_FOUND');
  const broken = request(app).put(`${API}/saga-steps/pause`).type('json').send('{');
  expectProblem(await broken, 400, 'INVALID_REQUEST');
  const page = request(app).get('/admin/queues/static/none').type('json').send('{');
  expectProblem(await page, 400, 'INVALID_REQUEST');
  expectProblem(await request(app).get(`${API}?activeQueue=%25F`), 400, 'INVALID_REQUEST');
});
