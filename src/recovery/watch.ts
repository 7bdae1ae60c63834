import type { Log } from '../core/log.ts';
import type { SqlRunner } from '../core/definition.ts';
import { messageOf } from '../core/errors.ts';
import type { Watch } from '../processors/context.ts';
import type { StepRef } from '../store/entries.ts';
import type { Loop } from './loop.ts';
import { startLoop } from './loop.ts';

/** A cancelled saga's running step hears of it after this long at most, in milliseconds. */
const LOOK_MS = 500;

interface Followed {
  readonly ref: StepRef;
  readonly onMovedOn: () => void;
}

/** Looks at the sagas whose steps run in this process: one query for all of them, and none while nothing runs. */
export function startWatch(sql: SqlRunner, log: Log): Watch & Pick<Loop, 'close'> {
  const followed = new Set<Followed>();
  const loop = startLoop(async () => {
    try {
      if (followed.size > 0) await look(sql, [...followed]);
    } catch (error) {
      log.debug({ err: messageOf(error) }, 'running sagas not looked at');
    }
    return LOOK_MS;
  });
  return {
    close: () => loop.close(),
    follow: (ref, onMovedOn) => {
      const entry = { ref, onMovedOn };
      followed.add(entry);
      return () => void followed.delete(entry);
    },
  };
}

async function look(sql: SqlRunner, entries: readonly Followed[]): Promise<void> {
  const rows = await sql.$queryRawUnsafe<{ saga_id: string; generation: number; steps_done: number }[]>(
    `SELECT saga_id, generation, steps_done FROM saga_state WHERE saga_id = ANY($1::text[]) AND status = 'RUNNING'`,
    entries.map(({ ref }) => ref.sagaId),
  );
  const running = new Map(rows.map((row) => [row.saga_id, row]));
  for (const { ref, onMovedOn } of entries) {
    const row = running.get(ref.sagaId);
    if (row?.generation !== ref.generation || row.steps_done !== ref.stepIndex) onMovedOn();
  }
}
