import { compareLoads } from './loads.ts';
import type { Measure } from './measure.ts';

/** (a) and (d): sagas whose four steps do nothing, and what a saga costs. */
export function throughput(): Measure {
  return compareLoads({
    name: 'throughput',
    letters: ['a', 'd'],
    title: 'four steps done',
    plans: { raw: { contender: 'raw' }, 'by hand': { contender: 'by hand' }, backstep: { contender: 'backstep' } },
    goals: ({ ratio, median }) => [
      { letter: 'a', what: 'sagas/s, x raw', value: ratio('backstep', 'raw'), atLeast: 0.6 },
      { letter: 'd', what: 'CPU seconds a 1,000 sagas', value: median('backstep', 'cpu'), atMost: 1.2 },
    ],
  });
}

/** (e): the third step fails for good, the second and the first are undone. */
export function undoing(): Measure {
  return compareLoads({
    name: 'undoing',
    letters: ['e'],
    title: 'two steps undone',
    plans: {
      raw: { contender: 'raw', ending: 'undone' },
      backstep: { contender: 'backstep', ending: 'undone' },
    },
    goals: ({ ratio }) => [
      { letter: 'e', what: 'undone sagas/s, x raw', value: ratio('backstep', 'raw'), atLeast: 0.75 },
    ],
  });
}
