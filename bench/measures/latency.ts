import { CONTENDER_NAMES } from '../contenders/contender.ts';
import type { PaceAnswer } from '../processes/messages.ts';
import { startCrew } from '../rig/crew.ts';
import { figure } from '../report/table.ts';
import { createLatencies } from './latencies.ts';
import { worldFor } from './load.ts';
import type { Measure } from './measure.ts';

const PER_SECOND = 20;
/** Not counted: a load after which the code is compiled, and the same pace until the quiet has come back, in sagas. */
const WARM = { kind: 'load', seconds: 2, inFlight: 100, startsAtOnce: 100 } as const;
const SETTLING = 20;

/**
 * (b): from the call of a start to the end of its saga, both seen in the starting process. The end of a raw flow, and of one
 * with a record by hand, is the event that its last job is completed; Backstep's is PostgreSQL's word that the last step's
 * record is committed. Both are upper bounds: they have crossed a socket.
 */
export function latency(): Measure {
  const latencies = createLatencies();
  return {
    name: 'latency',
    letters: ['b'],
    round: async (rig, effort) => {
      for (const contender of CONTENDER_NAMES) {
        const crew = await startCrew(await worldFor(rig, { contender }), 1);
        try {
          await crew.starter.ask(WARM);
          await crew.starter.ask({ kind: 'pace', count: SETTLING, perSecond: PER_SECOND });
          const answer = await crew.starter.ask<PaceAnswer>({
            kind: 'pace',
            count: effort.paced,
            perSecond: PER_SECOND,
          });
          latencies.add(contender, answer.endMs);
        } finally {
          await crew.stop();
        }
        rig.say(`end to end, ${contender}: p99 ${figure(latencies.median(contender, 'p99'))} ms`);
      }
    },
    result: () => ({
      lines: latencies.lines(`end to end at ${PER_SECOND}/s`),
      goals: [{ letter: 'b', what: 'end to end, p99 ms', value: latencies.median('backstep', 'p99'), atMost: 12 }],
      json: latencies.json(),
    }),
  };
}
