import { z } from 'zod';
import type { Runner } from '../../index.ts';
import { RunnerError } from '../../index.ts';
import type { Db } from '../ports.ts';
import type { Allocation } from './devices.ts';
import { allocateDevice, releaseByKey } from './devices.ts';

const requestSchema = z.object({ sagaId: z.string(), key: z.string() });
type Request = z.infer<typeof requestSchema>;

const SIGNAL = 'ALLOCATE_DEVICE';

/** The device service: it hears events and answers with a signal. Both of its handlers may be called again. */
export function deviceService(db: Db, runner: Runner) {
  return {
    allocate: async (payload: unknown): Promise<void> => {
      const request = requestSchema.parse(payload);
      await answer(db, runner, request, await allocateDevice(db, request.key));
    },
    release: (payload: unknown): Promise<void> => releaseByKey(db, requestSchema.parse(payload).key),
  };
}

async function answer(db: Db, runner: Runner, { sagaId, key }: Request, allocation: Allocation): Promise<void> {
  try {
    await runner.signal(sagaId, SIGNAL, allocation, { signalId: key, actor: 'device-service' });
  } catch (error) {
    if (!isTooLate(error)) throw error;
    if ('refused' in allocation || (await isHeld(runner, sagaId, allocation.deviceId))) return;
    await releaseByKey(db, key);
  }
}

/** The saga waits no more, or has an answer already. */
function isTooLate(error: unknown): boolean {
  return error instanceof RunnerError && (error.code === 'WRONG_STATE' || error.code === 'SIGNAL_ALREADY_RECEIVED');
}

/** An event that arrives again, after its saga took the device, must not take it away. */
async function isHeld(runner: Runner, sagaId: string, deviceId: string): Promise<boolean> {
  const step = (await runner.get(sagaId)).steps.find(({ name }) => name === SIGNAL);
  if (step?.status === 'PENDING')
    throw new Error(`Saga ${sagaId} has an answer that it has not taken: whether it holds ${deviceId} shows later`);
  return step?.status === 'DONE' && (step.output as { deviceId?: unknown } | null)?.deviceId === deviceId;
}
