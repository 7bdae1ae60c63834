import type { World } from '../contenders/contender.ts';
import type { Report } from '../processes/messages.ts';
import type { BenchProcess } from './processes.ts';
import { forkProcess } from './processes.ts';

/** One starter and the workers of one contender, each a process of its own. */
export interface Crew {
  readonly starter: BenchProcess;
  readonly workers: readonly BenchProcess[];
  readonly pids: readonly number[];
  stop(): Promise<void>;
}

export async function startCrew(world: World, workers: number, nodeOptions: readonly string[] = []): Promise<Crew> {
  const starter = await forkProcess('starter', { world, nodeOptions });
  const heard = (report: Report) => {
    if (report.kind === 'acted') starter.tell(report);
  };
  const forked: BenchProcess[] = [];
  for (let number = 0; number < workers; number += 1)
    forked.push(await forkProcess('worker', { world, nodeOptions, heard }));
  return {
    starter,
    workers: forked,
    pids: [starter, ...forked].map(({ pid }) => pid),
    stop: async () => {
      await starter.stop();
      await Promise.all(forked.map((worker) => worker.stop()));
    },
  };
}
