import type { Client } from 'pg';
import { eventually } from '../../support/eventually.ts';
import type { Member } from '../rig/member.ts';
import type { Random } from '../random.ts';
import type { Rig } from '../rig/rig.ts';
import type { FaultKind } from './fault.ts';
import { API, WORKERS } from '../rig/crew.ts';

/** Of the reconciler: whoever holds it sweeps. @see src/recovery/reconciler.ts */
const SWEEP_LOCK = 5_283_671;
/** Longer than the rest between two sweeps. */
const SEARCH_MS = 1_500;
/** One process is frozen at a time: with all of them frozen nothing would happen that could go wrong. */
const FREEZER = 'freezer';
/** Until a killed process is up again, about. */
const RESTART_MS = 4_000;

/** Processes that are killed, or that freeze for longer or shorter than their jobs' locks last. */
export const PROCESS_FAULTS: readonly FaultKind[] = [
  { name: 'kill worker', weight: 2, plan: (random) => kill(random.pick(WORKERS)) },
  { name: 'kill API', weight: 1, plan: () => kill(API) },
  { name: 'freeze worker', weight: 3, plan: (random) => freeze(random.pick(WORKERS), freezeMs(random)) },
  { name: 'freeze API', weight: 1, plan: (random) => freeze(API, random.integer(500, 3_000)) },
  {
    name: 'kill reconciler',
    weight: 1,
    plan: (random) => {
      const fallback = random.pick(WORKERS);
      return {
        what: `the owner of the sweep, or ${fallback}`,
        lanes: ['reconciler'],
        forMs: RESTART_MS,
        strike: async (rig) => (await sweeper(rig, fallback)).kill(),
      };
    },
  },
  {
    name: 'freeze reconciler',
    weight: 1,
    plan: (random) => {
      const [fallback, forMs] = [random.pick(WORKERS), freezeMs(random)];
      return {
        what: `the owner of the sweep, or ${fallback}, for ${forMs} ms`,
        lanes: ['reconciler', FREEZER],
        forMs,
        strike: async (rig) => freezeMember(rig, await sweeper(rig, fallback), forMs),
      };
    },
  },
];

/** A worker's lock lasts five seconds. */
function freezeMs(random: Random): number {
  return random.chance(0.6) ? random.integer(5_500, 9_000) : random.integer(200, 4_500);
}

function kill(name: string): ReturnType<FaultKind['plan']> {
  return {
    what: name,
    lanes: [name],
    forMs: RESTART_MS,
    strike: async (rig) => {
      rig.member(name).kill();
      await rig.rest(RESTART_MS);
    },
  };
}

function freeze(name: string, forMs: number): ReturnType<FaultKind['plan']> {
  return {
    what: `${name} for ${forMs} ms`,
    lanes: [name, FREEZER],
    forMs,
    strike: (rig) => freezeMember(rig, rig.member(name), forMs),
  };
}

async function freezeMember(rig: Rig, member: Member, forMs: number): Promise<void> {
  const { pid } = member;
  if (pid === undefined || !member.signal(pid, 'SIGSTOP')) return;
  const over = rig.impair(pid, `${member.name} frozen`);
  await rig.rest(forMs);
  member.signal(pid, 'SIGCONT');
  over();
}

/** The process that sweeps at this moment; `fallback` where none is seen at it. */
async function sweeper(rig: Rig, fallback: string): Promise<Member> {
  const search = (client: Client) => eventually(() => findSweeper(client), { timeoutMs: SEARCH_MS, intervalMs: 1 });
  return rig.member(await rig.asPostgres(search).catch(() => fallback));
}

async function findSweeper(client: Client): Promise<string | undefined> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT application_name AS name FROM pg_locks JOIN pg_stat_activity USING (pid)
     WHERE locktype = 'advisory' AND granted AND objid = $1`,
    [SWEEP_LOCK],
  );
  return rows[0]?.name;
}
