import { expect } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { Runner } from '../../src/index.ts';
import { defineSaga } from '../../src/index.ts';
import type { Database } from '../../src/store/database/prisma.ts';
import { eventually } from './eventually.ts';
import type { OwnEngine } from './own-engine.ts';
import { startOwnEngine } from './own-engine.ts';

/** Sagas `SLOW` on servers of their own, to be in the middle of when something happens to these. */
export interface Load extends OwnEngine {
  startMany(count: number): Promise<string[]>;
  /** Resolves when some of their steps are recorded, and others run. */
  underWay(sagaIds: readonly string[]): Promise<void>;
  /** Resolves when they are completed, and no attempt was used up. */
  allComplete(sagaIds: readonly string[]): Promise<void>;
}

const slow = async () => {
  await sleep(150);
};
const saga = defineSaga('SLOW', { input: z.object({}) })
  .step('A', { execute: slow, compensate: slow })
  .transaction('B', { execute: () => ({ b: true }), compensate: slow })
  .step('C', { execute: slow, compensate: slow });

export async function startLoad(): Promise<Load> {
  const engine = await startOwnEngine(() => [saga]);
  const { prisma, runner } = engine;
  return {
    ...engine,
    startMany: (count) =>
      Promise.all(Array.from({ length: count }, async () => (await runner.start('SLOW', {})).sagaId)),
    underWay: async (sagaIds) => void (await eventually(() => areUnderWay(prisma, sagaIds))),
    allComplete: (sagaIds) => allComplete(runner, sagaIds),
  };
}

async function areUnderWay(prisma: Database['prisma'], sagaIds: readonly string[]): Promise<boolean> {
  const [row] = await prisma.$queryRawUnsafe<{ begun: number; open: number }[]>(
    `SELECT count(*) FILTER (WHERE steps_done > 0)::int AS begun, count(*)::int AS open
     FROM saga_state WHERE status = 'RUNNING' AND saga_id = ANY($1::text[])`,
    sagaIds,
  );
  return row !== undefined && row.begun > 0 && row.open > sagaIds.length / 2;
}

async function allComplete(runner: Runner, sagaIds: readonly string[]): Promise<void> {
  const sagas = await eventually(
    async () => {
      const all = await Promise.all(sagaIds.map((id) => runner.get(id)));
      const open = all.filter(({ status }) => status !== 'COMPLETED');
      if (open.length > 0) throw new Error(`${open.length} open: ${JSON.stringify(open[0])}`);
      return all;
    },
    { timeoutMs: 50_000, intervalMs: 250 },
  );
  expect(new Set(sagas.map(({ retryCount }) => retryCount))).toEqual(new Set([0]));
  expect(new Set(sagas.flatMap(({ steps }) => steps.map(({ attempts }) => attempts)))).toEqual(new Set([1]));
}
