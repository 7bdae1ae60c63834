import { installPeers } from '../peers/install.ts';
import { compareLoads } from './loads.ts';
import type { Measure } from './measure.ts';

/**
 * (a) for what does the same as Backstep: workflows of four steps, each recorded before the next begins. Restate's CPU time
 * counts its server as one of Node's processes.
 */
export function peers(): Measure {
  return compareLoads({
    name: 'peers',
    letters: ['a'],
    title: 'peers, four steps done',
    plans: { restate: { contender: 'restate' }, dbos: { contender: 'dbos' }, backstep: { contender: 'backstep' } },
    prepare: async ({ say }) => installPeers(say),
    goals: ({ ratio }) => [
      { letter: 'a', what: 'sagas/s, x Restate', value: ratio('backstep', 'restate'), atLeast: 1.5 },
      { letter: 'a', what: 'sagas/s, x DBOS', value: ratio('backstep', 'dbos'), atLeast: 3 },
    ],
  });
}
