import { connectPrisma } from '../../src/store/database/prisma.ts';
import type { FlowRecord } from './flow.ts';
import { flowContender } from './flow.ts';
import type { World } from './contender.ts';

/** What a team writes: the same flow, and one Prisma update a step. No fence, no check-in, no recovery. */
export const byHand = flowContender(recordInRows);

const STEPS = ['A', 'B', 'C', 'D'];

function recordInRows({ databaseUrl }: World): FlowRecord {
  const { prisma, close } = connectPrisma(databaseUrl);
  return {
    started: async (sagaId) => {
      await prisma.sagaState.create({ data: { sagaId, sagaType: 'BY_HAND', currentStep: 'A', definition: STEPS } });
    },
    stepDone: async (sagaId, step) => {
      const next = STEPS[step];
      const end = next === undefined ? { status: 'COMPLETED', completedAt: new Date() } : { currentStep: next };
      await prisma.sagaState.update({ where: { sagaId }, data: { stepIndex: step, state: { step }, ...end } });
    },
    check: async (started) => {
      const ended = await prisma.sagaState.count({ where: { status: 'COMPLETED' } });
      if (ended !== started) throw new Error(`${started} sagas were started by hand, and ${ended} are completed`);
    },
    close,
  };
}
