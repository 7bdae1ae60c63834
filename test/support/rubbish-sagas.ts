import { z } from 'zod';
import { defineSaga, manual, NOTHING_TO_UNDO, TerminalError } from '../../src/index.ts';

const anything = z.looseObject({ fail: z.unknown().optional(), stuck: z.unknown().optional() });
const quick = { attempts: 2, backoffMs: 10, timeoutMs: 5_000 };
/** What it was given becomes what is wrong with it. */
const grievance = (input: unknown) => (JSON.stringify(input) ?? '').slice(0, 500);

/** Sagas that put whatever they are given into every column: input, state, outputs, errors, tasks. */
export const rubbishSagas = [
  defineSaga('ANYTHING', { input: anything, timeoutMs: 30_000 })
    .step('TAKE', {
      ...quick,
      execute: ({ input }) => ({ taken: { ...input } }),
      compensate: ({ input }) => {
        if (input.stuck) throw new Error(grievance(input));
      },
    })
    .step('GIVE', {
      ...quick,
      execute: ({ input }) => {
        if (input.fail) throw new TerminalError(grievance(input), { code: grievance(input.fail) });
      },
      compensate: NOTHING_TO_UNDO,
    }),
  defineSaga('BY_HAND', { input: z.looseObject({}), timeoutMs: 30_000 })
    .step('TAKE', {
      ...quick,
      execute: ({ input }) => ({ given: { ...input } }),
      compensate: manual('<b>Give it back</b>'),
    })
    .step('GIVE', {
      ...quick,
      execute: ({ input }) => Promise.reject(new TerminalError(grievance(input))),
      compensate: NOTHING_TO_UNDO,
    }),
  defineSaga('ASKING', { input: z.looseObject({}), timeoutMs: 30_000 }).wait('ANSWER', {
    request: () => undefined,
    signal: z.looseObject({}),
    accept: ({ answer }) => ({ answer: { ...answer } }),
    timeoutMs: 10_000,
    compensate: NOTHING_TO_UNDO,
  }),
];
