import { join } from 'node:path';
import type { Closing } from '../../../src/cli/closing.ts';
import { eventually } from '../../support/eventually.ts';
import { startMember, type Member } from './member.ts';

export const WORKERS = ['worker-1', 'worker-2', 'worker-3'] as const;
export const API = 'api';
export const CREW = [...WORKERS, API] as const;

export interface CrewOptions {
  /** The program that the processes run: `src`, or a sabotaged copy of it. */
  readonly source: string;
  /** Where logs and books go. */
  readonly folder: string;
  readonly stopped: AbortSignal;
  readonly closing: Closing;
}

const READY_MS = 60_000;

/** The provider. It is never struck as a process: what goes wrong with it is ordered of it. Answers its address. */
export async function startSandbox({ folder, source, stopped, closing }: CrewOptions): Promise<string> {
  const sandbox = startMember({
    name: 'sandbox',
    main: join(source, 'sagas/sandbox/main.ts'),
    args: ['--books', join(folder, 'books.jsonl')],
    env: {},
    logFile: join(folder, 'sandbox.log'),
  });
  closing.add('the sandbox', () => sandbox.stop());
  return ((await readyOf(sandbox, stopped)) as { url: string }).url;
}

/** Three workers and an API, with the billing sagas and the suite's own. Resolves when all of them are ready. */
export async function startCrew(
  { source, folder, stopped, closing }: CrewOptions,
  apiUrl: string,
  environmentOf: (name: string) => NodeJS.ProcessEnv,
): Promise<readonly Member[]> {
  const modules = [join(source, 'sagas/index.ts'), 'test/faults/sagas/module.ts'];
  const members = CREW.map((name) =>
    startMember({
      name,
      main: join(source, 'main.ts'),
      args: [name === API ? 'api' : 'worker', ...modules.flatMap((file) => ['--sagas', file])],
      env: environmentOf(name),
      logFile: join(folder, `${name}.log`),
    }),
  );
  closing.add('the processes', () => stopCrew(members));
  await Promise.all(members.filter(({ name }) => name !== API).map((member) => readyOf(member, stopped)));
  await eventually(async () => (await fetch(`${apiUrl}/readyz`)).ok, { timeoutMs: READY_MS });
  return members;
}

/** Asks every process to end; answers what was wrong with how they lived and ended. */
export async function stopCrew(members: readonly Member[]): Promise<readonly string[]> {
  const ends = await Promise.all(members.map((member) => member.stop()));
  return [...members.flatMap(({ deaths }) => deaths), ...ends.filter((end) => end !== undefined)];
}

async function readyOf(member: Member, stopped: AbortSignal): Promise<unknown> {
  const said = () => {
    if (stopped.aborted) return { interrupted: true };
    if (member.message !== undefined) return { message: member.message };
    throw new Error(`${member.name} is not ready: see its log`);
  };
  const outcome = await eventually(said, { timeoutMs: READY_MS });
  stopped.throwIfAborted();
  return 'message' in outcome ? outcome.message : undefined;
}
