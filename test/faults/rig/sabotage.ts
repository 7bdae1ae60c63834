import { cp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

interface Replacement {
  readonly file: string;
  readonly text: string;
  readonly by: string;
}

const FENCE = 'store/fence.ts';

/** Ways to break the engine. A suite that passes under one of them proves nothing. */
const SABOTAGES: Readonly<Record<string, readonly Replacement[]>> = {
  /** Whoever speaks for a saga is believed. */
  'drop-fence': [
    {
      file: FENCE,
      text: `saga.status = 'RUNNING' AND saga.generation = op.generation AND saga.steps_done = op.step_index`,
      by: 'true',
    },
  ],
  /** Jobs of a flow that was replaced still speak for their saga. */
  'ignore-generation': [
    { file: FENCE, text: ' AND saga.generation = op.generation', by: '' },
    {
      file: 'store/compensations.ts',
      text: `if (record.generation !== ref.generation) return { kind: 'refused' };`,
      by: '',
    },
  ],
  /** A person may send a saga on whatever was undone of it. */
  'forward-after-undo': [
    {
      file: 'core/evolve.ts',
      text: `(step) => step.status !== 'COMPENSATED' && (step.status !== 'COMPENSATION_FAILED' || step.undo === 'manual'),`,
      by: '() => true,',
    },
  ],
  /** Whatever a receiver answers, it was told. */
  'notice-unheard': [
    {
      file: 'processors/notice.ts',
      text: 'if (!response.ok) throw new Error(`The receiver answered ${response.status}`);',
      by: '',
    },
  ],
  /** A failed step is noticed by an event of the process that ran it, as it is done where nobody thinks of crashes. */
  'failed-event': [
    {
      file: 'processors/outcome.ts',
      text: `return root.data.unwinding === true`,
      by: `return saga.record.ending === 'COMPENSATED' ? 'left to the event' : root.data.unwinding === true`,
    },
    {
      file: 'processors/workers.ts',
      text: `  return run(workers, context, async () => {`,
      by: `  workers[0]?.on('failed', (job) => void undoOnEvent(context, job).catch(() => undefined));
  return run(workers, context, async () => {`,
    },
    {
      file: 'processors/workers.ts',
      text: `export function startEventWorker(`,
      by: `async function undoOnEvent(context: any, job: any): Promise<void> {
  const saga = job?.finishedOn === undefined ? undefined : await context.sagas.load(job.data.sagaId);
  if (saga?.record.status !== 'COMPENSATING') return;
  const { toUndo } = await import('../core/decide.ts');
  const { steps, sagaId, generation } = saga.record;
  const root = { ...job, id: \`\${sagaId}.g\${generation}.\${steps.at(-1)?.name}\`, queueQualifiedName: job.queueQualifiedName };
  const definition = context.registry.get(saga.record.type);
  await context.flows.addCompensations(root, toUndo(saga.record), definition);
}

export function startEventWorker(`,
    },
  ],
};

export const SABOTAGE_NAMES = Object.keys(SABOTAGES);

/** A copy of the program, broken in the way named. It lies within the project, whose packages it uses. */
export async function sabotagedSource(name: string, folder: string): Promise<string> {
  await rm(folder, { recursive: true, force: true });
  const source = join(folder, 'src');
  await cp('src', source, { recursive: true });
  await symlink(resolve('prisma'), join(folder, 'prisma'));
  for (const replacement of SABOTAGES[name] ?? []) await replace(source, replacement);
  return source;
}

async function replace(source: string, { file, text, by }: Replacement): Promise<void> {
  const path = join(source, file);
  const [before, after, ...more] = (await readFile(path, 'utf8')).split(text);
  if (before === undefined || after === undefined || more.length > 0)
    throw new Error(`The sabotage of src/${file} has to be written anew: it looks for exactly one ${text}`);
  await writeFile(path, before + by + after);
}
