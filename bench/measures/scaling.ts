import { Client } from 'pg';
import type { Rig } from '../rig/rig.ts';
import { EMPTY } from '../rig/rig.ts';
import { compareLoads } from './loads.ts';
import type { Effort, Measure } from './measure.ts';

const FULL = 'bench_full';

/** (f): one worker process and two. */
export function workerProcesses(): Measure {
  return compareLoads({
    name: 'workerProcesses',
    letters: ['f'],
    title: 'worker processes',
    plans: {
      one: { contender: 'backstep' },
      two: { contender: 'backstep', workers: 2 },
      'raw, one': { contender: 'raw' },
      'raw, two': { contender: 'raw', workers: 2 },
    },
    goals: ({ ratio }) => [{ letter: 'f', what: 'two workers, x one', value: ratio('two', 'one'), atLeast: 1 }],
  });
}

/** (g): an empty database, and one with a million finished sagas. */
export function fullDatabase(): Measure {
  return compareLoads({
    name: 'fullDatabase',
    letters: ['g'],
    title: 'finished sagas in the database',
    plans: { none: { contender: 'backstep' }, many: { contender: 'backstep', template: FULL } },
    prepare: fill,
    goals: ({ ratio }) => [{ letter: 'g', what: 'full database, x empty', value: ratio('many', 'none'), atLeast: 0.9 }],
  });
}

const FINISHED = `
  INSERT INTO saga_state (saga_id, saga_type, current_step, step_index, status, definition, steps_done, input, state,
    timeout_at, started_at, completed_at, updated_at)
  SELECT gen_random_uuid(), 'FINISHED', 'D', 3, 'COMPLETED', ARRAY['A', 'B', 'C', 'D'], 4, '{"n": 1}', '{"n": 1}',
    at + interval '5 minutes', at, at + interval '1 second', at + interval '1 second'
  FROM generate_series(1, $1::int) AS n, LATERAL (SELECT timezone('utc', now()) - n * interval '1 second' AS at) AS times`;

const STEPS = `
  INSERT INTO saga_step (saga_id, step_index, name, status, attempts, started_at, done_at)
  SELECT saga_id, n - 1, definition[n], 'DONE', 1, started_at, completed_at
  FROM saga_state, generate_series(1, 4) AS n`;

async function fill(rig: Rig, { finished }: Effort): Promise<void> {
  rig.say(`Filling a database with ${finished} finished sagas`);
  const sql = new Client({ connectionString: await rig.fresh(FULL, EMPTY) });
  await sql.connect();
  // The rows refer to each other rightly; to have each checked takes minutes.
  await sql.query('SET session_replication_role = replica');
  await sql.query(FINISHED, [finished]);
  await sql.query(STEPS);
  await sql.query('VACUUM ANALYZE saga_state, saga_step');
  await sql.end();
}
