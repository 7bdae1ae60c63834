import { flowContender } from './flow.ts';

const nothing = async () => undefined;

/** BullMQ alone: a wiped Redis loses every saga, and nobody can ask what became of one. */
export const raw = flowContender(() => ({
  started: nothing,
  stepDone: nothing,
  check: nothing,
  close: nothing,
}));
