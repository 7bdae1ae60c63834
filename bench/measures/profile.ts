import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { figure, tableOf } from '../report/table.ts';
import type { Rig } from '../rig/rig.ts';
import { runLoad } from './load.ts';

/** A profile as `--cpu-prof` writes it. */
interface CpuProfile {
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

const SHOWN = 16;
const HERE = new URL('../../', import.meta.url).href;

/** Where the CPU time of Backstep's processes goes under load, by package and room. Measured apart: to sample costs time. */
export async function profileLines(rig: Rig, seconds: number): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-profile-'));
  try {
    const options = ['--cpu-prof', '--cpu-prof-interval=1000', `--cpu-prof-dir=${folder}`];
    const { sagas } = await runLoad(rig, { contender: 'backstep' }, seconds, options);
    const profiles = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
    const lines = profiles.flatMap((text) => linesOf(JSON.parse(text) as CpuProfile));
    return [`Where the CPU time goes (a load of ${sagas} sagas and its warm-up)`, ...lines];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** None of a profile that is not of a process of ours: TypeScript is compiled in a thread that has one, too. */
function linesOf(profile: CpuProfile): string[] {
  const role = (['worker', 'starter'] as const).find((file) =>
    profile.nodes.some(({ callFrame }) => callFrame.url.endsWith(`bench/processes/${file}.ts`)),
  );
  if (role === undefined) return [];
  const seconds = secondsByPlace(profile);
  const total = [...seconds.values()].reduce((sum, each) => sum + each, 0);
  const top = [...seconds].sort(([, a], [, b]) => b - a).slice(0, SHOWN);
  return tableOf(
    [role, 's', '%'],
    top.map(([place, spent]) => [place, figure(spent), figure((spent * 100) / total)]),
  );
}

function secondsByPlace({ nodes, samples, timeDeltas }: CpuProfile): Map<string, number> {
  const places = new Map(nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const place = places.get(id) ?? '';
    if (place === '(idle)') continue;
    seconds.set(place, (seconds.get(place) ?? 0) + (timeDeltas[index] ?? 0) / 1_000_000);
  }
  return seconds;
}

/** A package, a room of this repository, a module of Node, or what Node does itself. */
function placeOf({ functionName, url }: CallFrame): string {
  const [, dependency] = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url) ?? [];
  if (dependency !== undefined) return dependency;
  if (url.startsWith(HERE)) return url.slice(HERE.length).split('/').slice(0, 2).join('/');
  if (url.startsWith('node:')) return url.split('/').slice(0, 2).join('/');
  return functionName === '' ? '(native)' : functionName;
}
