import type { ChildProcess } from 'node:child_process';
import { AggregatorRegistry } from 'prom-client';
import type { ProcessMetrics } from './prometheus.ts';

/** What a process has counted, as it goes from a child to its parent. */
export type Snapshot = Awaited<ReturnType<ProcessMetrics['registry']['getMetricsAsJSON']>>;

interface Ask {
  readonly metrics: 'ask';
}
interface Report {
  readonly metrics: Snapshot;
}

/** How long a child may take to answer, in milliseconds. One whose event loop is blocked longer is shown as it last was. */
const ANSWER_MS = 1_000;

/** Reports to the parent of this process whenever it asks, and once more at the end. Begin after the message that says that
 *  the process is ready. Does nothing in a process that was not forked. */
export function reportToParent({ registry }: ProcessMetrics): { close(): Promise<void> } {
  const report = async () => {
    const message: Report = { metrics: await registry.getMetricsAsJSON() };
    // Waited for: the process may end after this. A parent that is gone needs no report.
    if (process.connected) await new Promise<void>((resolve) => process.send?.(message, () => resolve()));
  };
  const onMessage = (message: unknown) => {
    if ((message as Partial<Ask> | null)?.metrics === 'ask') void report();
  };
  if (process.send) process.on('message', onMessage);
  return {
    close: async () => {
      process.off('message', onMessage);
      if (process.send) await report();
    },
  };
}

export interface ChildMetrics {
  /** Asks the child from its first message on. What it counted is kept when it has ended: a sum that falls would look like
   *  a restart, and everything in it like new. */
  add(child: ChildProcess): void;
  /** `silent`: children that did not answer in time, and are shown as they last were. */
  snapshots(): Promise<{ readonly snapshots: readonly Snapshot[]; readonly silent: number }>;
}

interface Member {
  readonly child: ChildProcess;
  readonly onReport: Set<() => void>;
  last: Snapshot | undefined;
}

/** What the children of this process have counted. */
export function createChildMetrics(): ChildMetrics {
  const members = new Set<Member>();
  let departed: Promise<readonly Snapshot[]> = Promise.resolve([]);

  const add = (child: ChildProcess) => {
    const member: Member = { child, onReport: new Set(), last: undefined };
    child.on('message', (message) => {
      members.add(member);
      if (!isReport(message)) return;
      member.last = message.metrics;
      for (const tell of member.onReport) tell();
    });
    child.once('disconnect', () => {
      members.delete(member);
      const { last } = member;
      if (last) departed = departed.then(async (before) => [await sumOf([...before, lasting(last)])]);
    });
  };
  return {
    add,
    snapshots: async () => {
      // Taken together: a child that ends meanwhile is in one of them.
      const [gone, present] = [departed, [...members]];
      const answers = await Promise.all(present.map(ask));
      const snapshots = present.flatMap(({ last }) => (last ? [last] : []));
      return { snapshots: [...(await gone), ...snapshots], silent: answers.filter((answered) => !answered).length };
    },
  };
}

function isReport(message: unknown): message is Report {
  return Array.isArray((message as Partial<Report> | null)?.metrics);
}

/** Whether the child answered in time. */
async function ask({ child, onReport }: Member): Promise<boolean> {
  let tell = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  const answered = await new Promise<boolean>((resolve) => {
    tell = () => resolve(true);
    onReport.add(tell);
    timer = setTimeout(resolve, ANSWER_MS, false);
    child.send({ metrics: 'ask' } satisfies Ask, (error) => error && resolve(false));
  });
  clearTimeout(timer);
  onReport.delete(tell);
  return answered;
}

/** Gauges say what is, and of a process that has ended nothing is. */
function lasting(snapshot: Snapshot): Snapshot {
  return snapshot.filter(({ type }) => ['counter', 'histogram'].includes(String(type)));
}

function sumOf(snapshots: readonly Snapshot[]): Promise<Snapshot> {
  return AggregatorRegistry.aggregate([...snapshots]).getMetricsAsJSON();
}
