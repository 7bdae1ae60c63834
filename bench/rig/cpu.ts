import { readFileSync } from 'node:fs';

/** Of Linux on every platform that Node has: sysconf(_SC_CLK_TCK). */
const TICKS_PER_SECOND = 100;

/** CPU seconds (user and system) that a process and its children have used, also those that have ended. NaN where there is no /proc. */
export function cpuSeconds(pid: number): number {
  try {
    const [own, ended] = ticksOf(pid);
    return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), (own + ended) / TICKS_PER_SECOND);
  } catch {
    return Number.NaN;
  }
}

/** Of the process, and of its children that have ended. */
function ticksOf(pid: number): readonly [number, number] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold spaces: count from its end. See proc(5).
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15);
  return [user + system, endedUser + endedSystem];
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
  return text === '' ? [] : text.split(' ').map(Number);
}
