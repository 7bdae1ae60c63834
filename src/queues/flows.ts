import type { FlowJob, Job, JobsOptions } from 'bullmq';
import type { SagaDefinition, StepDefinition } from '../core/definition.ts';
import { compensationJobId, outcomeJobId, stepJobId } from '../core/keys.ts';
import type { Registry } from '../core/registry.ts';
import type { QueueBackend } from './backend.ts';
import type { CompensationJob, FlowRef, OutcomeJob, StepJob } from './jobs.ts';
import { queueFor } from './lanes.ts';
import { COMPENSATIONS, OUTCOMES, STEPS } from './names.ts';
import { ALIVE, createPlaces } from './places.ts';
import type { Queues } from './queues.ts';

/** Enough for the dashboard to show what happened lately; what must last is in PostgreSQL. */
const KEEP = { count: 1_000, age: 24 * 3_600 } as const;
const STACK_TRACES = 3;
/** For errors of the queues while a flow's end is dealt with. Its last step's own attempts are counted in the database. */
const ROOT_ATTEMPTS = 3;

/** What a flow is built of: names from the saga's row, retry settings from its definition. */
export interface FlowPlan {
  readonly sagaId: string;
  readonly type: string;
  readonly generation: number;
  /** All the saga's steps, as its row has them. */
  readonly steps: readonly string[];
  /** The index of the first step to run. */
  readonly from: number;
  readonly definition: SagaDefinition | undefined;
  /** How long the first step's job waits in milliseconds. Default 0. */
  readonly delayMs?: number;
}

/** A flow by the job at its root: that of its last step, or an outcome job where there is no such. */
export interface RootRef extends FlowRef {
  readonly lastStep: string | undefined;
}

export interface Flows {
  /** `last step ← … ← first`: the last step's job runs when no other is pending, whether they succeeded or not. */
  addForward(plan: FlowPlan): Promise<void>;
  /** An outcome job alone: it decides at once. */
  addOutcome(ref: FlowRef): Promise<void>;
  /** Adds the compensation chain under the running job at a flow's root: `newestFirst` runs in that order. */
  addCompensations(
    root: Job<StepJob | OutcomeJob>,
    newestFirst: readonly string[],
    definition: SagaDefinition | undefined,
  ): Promise<void>;
  /** Wakes a waiting step's job. False if it is not there or not asleep. */
  wakeStep(ref: FlowRef, step: string): Promise<boolean>;
  /** Whether a job of the flow is waiting, running or asleep: an intact flow has one until it is finished. `likely`: the step
   *  whose job it should be, which is looked at first. */
  isAlive(ref: FlowRef, steps: readonly string[], likely?: string): Promise<boolean>;
  /** Of each flow, whether there is anything of it. One that is there goes on, or is mended like any other. */
  areThere(refs: readonly RootRef[]): Promise<readonly boolean[]>;
  /** Removes what an older generation left behind, as far as nobody is working on it. */
  remove(ref: RootRef): Promise<void>;
  close(): Promise<void>;
}

export function createFlows(backend: QueueBackend, queues: Queues, registry: Registry): Flows {
  const producer = backend.flowProducer();
  const places = createPlaces(backend, queues, registry);
  const rootsOf = (ref: RootRef) => [
    { queue: queues.outcomes, id: outcomeJobId(ref.sagaId, ref.generation) },
    ...(ref.lastStep === undefined ? [] : places.ofStep(ref, ref.lastStep)),
  ];
  const add = async (flow: FlowJob) => {
    await backend.ready();
    await producer.add(flow);
  };
  return {
    addForward: (plan) => add(forwardFlow(plan)),
    addOutcome: (ref) => add(outcomeNode(ref)),
    addCompensations: async ({ id, queueQualifiedName: queue, data }, newestFirst, definition) => {
      const chain = compensationChain(data, newestFirst, definition);
      if (chain && id !== undefined) await add({ ...chain, opts: { ...chain.opts, parent: { id, queue } } });
    },
    wakeStep: async (ref, step) => {
      await backend.ready();
      for (const { queue, id } of places.ofStep(ref, step)) {
        const job = (await queue.getJob(id)) as Job | undefined;
        if (!job || !(await job.isDelayed())) continue;
        await job.promote();
        return true;
      }
      return false;
    },
    isAlive: async (ref, steps, likely) => {
      await backend.ready();
      if (likely !== undefined && (await places.isStepAlive(ref, likely))) return true;
      const alive = await Promise.all([
        queues.outcomes.getJobState(outcomeJobId(ref.sagaId, ref.generation)).then((state) => ALIVE.has(state)),
        ...steps.map((step) => places.isStepAlive(ref, step)),
        ...steps.map((step) => places.isCompensationAlive(ref, step)),
      ]);
      return alive.includes(true);
    },
    areThere: async (refs) => {
      await backend.ready();
      const roots = refs.flatMap((ref, flow) => rootsOf(ref).map(({ queue, id }) => ({ flow, queue: queue.name, id })));
      const there = await backend.hasJobs(roots);
      const flows = new Set(roots.filter((_, index) => there[index] === true).map(({ flow }) => flow));
      return refs.map((_, flow) => flows.has(flow));
    },
    remove: async (ref) => {
      for (const { queue, id } of rootsOf(ref)) {
        const root = (await queue.getJob(id)) as Job | undefined;
        await root?.remove({ removeChildren: true });
      }
    },
    close: () => producer.close(),
  };
}

function forwardFlow(plan: FlowPlan): FlowJob {
  const nodes = plan.steps
    .slice(plan.from)
    .map((step, offset) => stepNode(plan, step, plan.from + offset, offset === 0 ? (plan.delayMs ?? 0) : 0));
  return chain(nodes.reverse());
}

function compensationChain(
  root: StepJob | OutcomeJob,
  newestFirst: readonly string[],
  definition: SagaDefinition | undefined,
): FlowJob | undefined {
  if (newestFirst.length === 0) return undefined;
  return chain([...newestFirst].reverse().map((step, later) => compensationNode(root, step, later, definition)));
}

/** Each node has the next one as its only child: the last one runs first. */
function chain(nodes: readonly FlowJob[]): FlowJob {
  return nodes.reduceRight((child, node) => ({ ...node, children: [child] }));
}

function outcomeNode(ref: FlowRef): FlowJob {
  const { sagaId, type, generation } = ref;
  const data: OutcomeJob = { sagaId, type, generation };
  return {
    name: type,
    queueName: OUTCOMES,
    data,
    opts: { jobId: outcomeJobId(sagaId, generation), ...commonOptions(ROOT_ATTEMPTS, 1_000), removeOnFail: KEEP },
  };
}

function stepNode(plan: FlowPlan, step: string, stepIndex: number, delayMs: number): FlowJob {
  const { sagaId, type, generation } = plan;
  const data: StepJob = { sagaId, type, generation, stepIndex, step };
  const options = retryOptions(plan.definition, step);
  const isRoot = stepIndex === plan.steps.length - 1;
  const queueName = queueFor(STEPS, plan.definition, step);
  return {
    name: step,
    queueName,
    data,
    opts: {
      jobId: stepJobId(sagaId, generation, step),
      ...commonOptions(isRoot ? Math.max(options.attempts, ROOT_ATTEMPTS) : options.attempts, options.backoffMs),
      // A lane may be long: sagas that are further come first, and then those that came first.
      ...(queueName === STEPS ? {} : { priority: plan.steps.length - stepIndex }),
      ...(delayMs > 0 ? { delay: delayMs } : {}),
      removeOnFail: KEEP,
      // The failed step's parent still runs, and so the job at the root: that is the failed-job handler.
      ...(isRoot ? {} : { ignoreDependencyOnFailure: true }),
    },
  };
}

function compensationNode(
  root: StepJob | OutcomeJob,
  step: string,
  later: number,
  definition: SagaDefinition | undefined,
): FlowJob {
  const { sagaId, type, generation } = root;
  const data: CompensationJob = { sagaId, type, generation, step, ...('step' in root ? { lastStep: root.step } : {}) };
  const options = retryOptions(definition, step);
  const queueName = queueFor(COMPENSATIONS, definition, step);
  return {
    name: step,
    queueName,
    data,
    opts: {
      jobId: compensationJobId(sagaId, generation, step),
      ...commonOptions(options.attempts, options.backoffMs),
      ...(queueName === COMPENSATIONS ? {} : { priority: later + 1 }),
      // A failed compensation stays in sight, and its parent waits, so that a retry resumes exactly there.
      removeOnFail: false,
      ...(definition?.onCompensationFailure === 'continue' ? { ignoreDependencyOnFailure: true } : {}),
    },
  };
}

function retryOptions(
  definition: SagaDefinition | undefined,
  name: string,
): Pick<StepDefinition, 'attempts' | 'backoffMs'> {
  return definition?.steps.find((step) => step.name === name) ?? { attempts: 3, backoffMs: 1_000 };
}

function commonOptions(attempts: number, backoffMs: number): JobsOptions {
  return {
    attempts,
    backoff: { type: 'exponential', delay: backoffMs },
    removeOnComplete: KEEP,
    stackTraceLimit: STACK_TRACES,
  };
}
