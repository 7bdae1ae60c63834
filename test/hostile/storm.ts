import fc, { type Arbitrary } from 'fast-check';
import { messageOf } from '../../src/core/errors.ts';
import { seededRandom } from '../faults/random.ts';
import { curlLine } from './curl.ts';
import type { Known } from './known.ts';
import { requestsTo, type Draft, type Row } from './requests.ts';
import type { Judge } from './verdict.ts';
import type { Answer, Wire } from './wire.ts';

export interface StormOptions {
  readonly rows: readonly Row[];
  readonly wire: Wire;
  readonly judge: Judge;
  readonly known: Known;
  readonly seed: number;
  /** At least so many are sent. */
  readonly requests: number;
  /** Requests at once. */
  readonly concurrency: number;
  /** Sees each answer that is right. */
  readonly seen: (draft: Draft, answer: Answer) => void;
  readonly say: (line: string) => void;
}

export interface StormResult {
  /** How many answers there were of each status. */
  readonly statuses: ReadonlyMap<number, number>;
  /** What was wrong, each with its request in its smallest form. */
  readonly failures: readonly string[];
}

/** Draws of one row at once: what is drawn depends on the seed only, not on what the server answers. */
const DRAWN_AT_ONCE = 20;
/** After so many there is no use in more. */
const MOST_FAILURES = 10;
const SHRINK_LIMIT_MS = 20_000;

interface Aim {
  readonly row: Row;
  readonly arbitrary: Arbitrary<Draft>;
}

interface Shot extends Aim {
  readonly seed: number;
  readonly index: number;
  readonly draft: Draft;
}

/** Sends rubbish to every row, in rounds, until there were enough requests. */
export async function storm(options: StormOptions): Promise<StormResult> {
  const { rows, requests, concurrency, say } = options;
  const aims = rows.flatMap((row) =>
    Array.from({ length: row.weight }, (): Aim => ({ row, arbitrary: requestsTo(row) })),
  );
  const statuses = new Map<number, number>();
  const failures: string[] = [];
  const complaints = new Set<string>();
  const random = seededRandom(options.seed, 'storm');
  let sent = 0;
  for (let round = 1; sent < requests && failures.length < MOST_FAILURES; round++) {
    const shots = random.shuffle(aims.flatMap((aim) => shotsOf(aim, random.integer(1, 2 ** 31 - 1))));
    await Promise.all(
      Array.from({ length: concurrency }, async () => {
        for (let shot = shots.pop(); shot !== undefined; shot = shots.pop()) {
          sent += 1;
          const complaint = await fire(options, shot.draft, (status) => count(statuses, status));
          if (complaint === undefined || complaints.has(kindOf(shot, complaint))) continue;
          complaints.add(kindOf(shot, complaint));
          failures.push(await smallest(options, shot, complaint));
        }
      }),
    );
    say(`${sent} requests, ${tally(statuses)}${failures.length === 0 ? '' : `, ${failures.length} wrong`}`);
  }
  return { statuses, failures };
}

function shotsOf(aim: Aim, seed: number): Shot[] {
  const drafts = fc.sample(aim.arbitrary, { seed, numRuns: DRAWN_AT_ONCE });
  return drafts.map((draft, index) => ({ ...aim, seed, index, draft }));
}

/** Sends one, and says what is wrong with its answer. */
async function fire(
  { wire, judge, known, seen }: StormOptions,
  draft: Draft,
  counted: (status: number) => void,
): Promise<string | undefined> {
  const headers = draft.headers.map(([name, value]) => [name, known.resolve(value)] as const);
  const sent = { ...draft, target: known.resolve(draft.target), headers };
  try {
    const answer = await wire.send(sent);
    counted(answer.status);
    const complaint = judge(sent, answer);
    if (complaint === undefined) seen(sent, answer);
    return complaint === undefined ? undefined : report(wire, sent, `${complaint}\n  ${answer.text.slice(0, 500)}`);
  } catch (error) {
    return report(wire, sent, `no answer: ${messageOf(error)}`);
  }
}

const report = (wire: Wire, draft: Draft, complaint: string) => `${complaint}\n  ${curlLine(wire.origin, draft)}`;

/** The same draw again, made smaller for as long as its answer is wrong. */
async function smallest(options: StormOptions, { arbitrary, seed, index }: Shot, complaint: string): Promise<string> {
  let last: string | undefined;
  const property = fc.asyncProperty(arbitrary, async (draft) => {
    const wrong = await fire(options, draft, () => undefined);
    last = wrong ?? last;
    return wrong === undefined;
  });
  const bounds = { interruptAfterTimeLimit: SHRINK_LIMIT_MS, numRuns: 1 };
  await fc.check(property, { seed, path: String(index), ...bounds });
  return last ?? `${complaint}\n  (sent again, it was answered well)`;
}

/** One of a kind is enough: the same of the same row. */
const kindOf = ({ row }: Aim, complaint: string) => `${row.method} ${row.path} ${complaint.split('\n', 1)[0]}`;

function count(statuses: Map<number, number>, status: number): void {
  statuses.set(status, (statuses.get(status) ?? 0) + 1);
}

function tally(statuses: ReadonlyMap<number, number>): string {
  return [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, times]) => `${status}: ${times}`)
    .join(', ');
}
