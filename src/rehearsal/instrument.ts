import type {
  CompensationContext,
  SagaDefinition,
  SqlClient,
  StepContext,
  StepDefinition,
} from '../core/definition.ts';
import { TerminalError, messageOf } from '../core/errors.ts';
import type { CallKind, FaultKind } from './fault.ts';
import { NO_ROWS, endWriting } from './memory-store.ts';
import type { OpenCall, Stage } from './stage.ts';
import { ProcessDiedError, never, noAnswer, patiently } from './stage.ts';

/** Where faults strike between the jobs, not in them. */
export const BEFORE_KINDS = ['cancelled-before', 'overdue-before'] as const satisfies readonly FaultKind[];
/** The same while a waiting step sleeps. */
export const ASLEEP_KINDS = [
  'cancelled',
  'cancelled-after',
  'overdue',
  'overdue-after',
  'unanswered',
  'answer-lost',
] as const satisfies readonly FaultKind[];
const CODE_KINDS = [
  'throws',
  'throws-after',
  'refuses',
  'times-out',
  'times-out-after',
  'acts-late',
  'dies',
  'dies-after',
  'dies-recorded',
] as const satisfies readonly FaultKind[];
const TURNED_KINDS = [
  'cancelled',
  'cancelled-after',
  'overdue',
  'overdue-after',
] as const satisfies readonly FaultKind[];

type AnyContext = StepContext<unknown, unknown> | CompensationContext<unknown, unknown, unknown>;

/** The definition with every call of its code noted and struck, in the author's database. */
export function instrument(definition: SagaDefinition, stage: Stage, db: SqlClient | undefined): SagaDefinition {
  return {
    ...definition,
    steps: definition.steps.map((step) => instrumentStep(step, stage)),
    db: db && clientOf(stage, db),
  };
}

function instrumentStep(step: StepDefinition, stage: Stage): StepDefinition {
  const calling =
    <C extends AnyContext, R>(kind: CallKind, code: (context: C) => R | Promise<R>) =>
    (context: C) =>
      runCall(stage, step, kind, context, () => code(context));
  const { compensate } = step;
  // Its types are those of its own saga: here every context is as good as another.
  const undo = typeof compensate === 'function' ? { compensate: calling('undo', compensate as never) as never } : {};
  switch (step.kind) {
    case 'step': {
      const verify = step.verify ? { verify: calling('verify', step.verify) } : {};
      return { ...step, ...undo, ...verify, execute: calling('do', step.execute) };
    }
    case 'transaction':
      return { ...step, ...undo, execute: calling('do', step.execute) };
    case 'wait':
      return {
        ...step,
        ...undo,
        request: calling('do', step.request),
        // Without one, taking the answer is a call all the same: its transaction can fail.
        accept: calling('accept', step.accept ?? (({ answer }: { answer: unknown }) => answer as object)) as never,
      };
    default:
      return step satisfies never;
  }
}

async function runCall<R>(
  stage: Stage,
  step: StepDefinition,
  kind: CallKind,
  { attempt, key }: AnyContext,
  code: () => R | Promise<R>,
): Promise<R> {
  const { memory, calls } = stage;
  const kinds = step.kind === 'wait' ? CODE_KINDS : [...CODE_KINDS, ...TURNED_KINDS];
  const fault = stage.strike(step.name, kind, kinds);
  const open: OpenCall = {
    step: step.name,
    kind,
    attempt,
    key,
    fault,
    acted: false,
    came: 'no answer',
    error: undefined,
    atMs: memory.clock.nowMs(),
  };
  calls.push(open);
  const act = () => {
    open.acted = true;
    return patiently(stage, code);
  };
  try {
    const result = await (fault === undefined ? act() : struck(stage, step, fault, open, act));
    open.came = open.came === 'acted late' ? 'acted late' : 'returned';
    return result;
  } catch (error) {
    if (error instanceof ProcessDiedError) throw error;
    Object.assign(open, { came: open.came === 'acted late' ? 'acted late' : 'threw', error: messageOf(error) });
    throw error;
  }
}

/** The call as the fault has it. */
async function struck<R>(
  stage: Stage,
  step: StepDefinition,
  fault: FaultKind,
  open: OpenCall,
  act: () => Promise<R>,
): Promise<R> {
  const { clock } = stage.memory;
  switch (fault) {
    case 'throws':
      throw new Error(`${step.name} fails, as rehearsed`);
    case 'throws-after':
      await act();
      throw new Error(`The answer of ${step.name} is lost, as rehearsed`);
    case 'refuses':
      throw new TerminalError(`${step.name} is refused, as rehearsed`);
    case 'times-out':
      return noAnswer(clock);
    case 'times-out-after':
      await act();
      return noAnswer(clock);
    case 'acts-late':
      return actsLate(stage, open, act);
    case 'overdue':
    case 'dies':
      return dies(stage, step, fault, open);
    case 'overdue-after':
    case 'dies-after':
      await act();
      return dies(stage, step, fault, open);
    case 'dies-recorded':
      stage.diesRecorded = true;
      return act();
    case 'cancelled':
      open.came = 'given up on';
      await stage.cancel();
      stage.onMovedOn?.();
      return never();
    case 'cancelled-after': {
      const result = await act();
      await stage.cancel();
      return result;
    }
    default:
      throw new Error(`${fault} strikes no call`);
  }
}

function actsLate<R>({ late, memory }: Stage, open: OpenCall, act: () => Promise<R>): Promise<R> {
  queueMicrotask(() => memory.clock.skip());
  return new Promise<R>((resolve, reject) => {
    late.push(async () => {
      open.came = 'acted late';
      await act().then(resolve, reject);
    });
  });
}

/** In a transaction, whoever holds it has to roll it back first. */
function dies(stage: Stage, step: StepDefinition, fault: FaultKind, open: OpenCall): Promise<never> {
  open.came = 'process died';
  if (fault === 'overdue' || fault === 'overdue-after') stage.overdue = true;
  if (step.kind !== 'step') throw new ProcessDiedError(`The process dies in ${step.name}`);
  return stage.die();
}

/** The author's client: what the engine writes of the saga is committed and rolled back with the author's own writes. */
function clientOf(stage: Stage, db: SqlClient): SqlClient {
  return {
    ...NO_ROWS,
    $transaction: async (work, options) => {
      try {
        const result = await db.$transaction(work, options);
        endWriting(stage.memory, 'commit');
        return stage.diesRecorded ? await stage.die() : result;
      } catch (error) {
        endWriting(stage.memory, 'rollback');
        if (error instanceof ProcessDiedError) return stage.die();
        throw error;
      }
    },
  };
}
