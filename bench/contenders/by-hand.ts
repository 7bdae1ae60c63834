import { connectPrisma } from '../../src/store/prisma.ts';
import type { FlowRecord } from './flow.ts';
import { flowContender } from './flow.ts';
import type { World } from './contender.ts';

/** What a team writes: the same flow, and one Prisma update a step. No fence, no check-in, no recovery. */
export const byHand = flowContender(recordInRows);

const STEPS = ['A', 'B', 'C', 'D'];

function recordInRows({ databaseUrl, ending }: World): FlowRecord {
  const { prisma, close } = connectPrisma(databaseUrl);
  const status = ending === 'done' ? 'COMPLETED' : 'COMPENSATED';
  const update = async (sagaId: string, data: Parameters<typeof prisma.sagaState.update>[0]['data']) => {
    await prisma.sagaState.update({ where: { sagaId }, data });
  };
  const end = () => ({ status, completedAt: new Date() });
  return {
    started: async (sagaId) => {
      await prisma.sagaState.create({ data: { sagaId, sagaType: 'BY_HAND', currentStep: 'A', definition: STEPS } });
    },
    stepDone: (sagaId, step) =>
      update(sagaId, {
        stepIndex: step,
        currentStep: STEPS[step] ?? 'D',
        state: { step },
        ...(step === STEPS.length ? end() : {}),
      }),
    stepFailed: (sagaId) => update(sagaId, { status: 'COMPENSATING', errorMessage: 'The third step fails' }),
    stepUndone: (sagaId, step) => update(sagaId, { stepIndex: step - 1, ...(step === 1 ? end() : {}) }),
    check: async (started) => {
      const ended = await prisma.sagaState.count({ where: { status } });
      if (ended !== started) throw new Error(`${started} sagas were started by hand, and ${ended} are ${status}`);
    },
    close,
  };
}
