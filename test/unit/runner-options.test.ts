import { createRunner, type RunnerOptions } from '../../src/index.ts';

const prisma = {} as RunnerOptions['prisma'];
const queues = {} as NonNullable<RunnerOptions['queues']>;

test.each<[Partial<RunnerOptions>, RegExp]>([
  [{}, /expected redis, a URL, or else queues, a backend; got neither/],
  [{ redis: 'redis://127.0.0.1:1', queues }, /got both/],
  [{ queues, schema: '' }, /schema: expected the name of a PostgreSQL schema, got ""/],
])('options that make no runner are refused before anything is opened: %j', (options, reason) => {
  expect(() => createRunner({ prisma, sagas: [], ...options })).toThrow(reason);
});
