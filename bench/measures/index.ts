import { httpStarts } from './http.ts';
import { latency } from './latency.ts';
import type { Measure } from './measure.ts';
import { recovery } from './recovery.ts';
import { fullDatabase, workerProcesses } from './scaling.ts';
import { throughput, undoing } from './throughput.ts';

/** In the order in which a round takes them. */
export const MEASURES: readonly (() => Measure)[] = [
  throughput,
  undoing,
  latency,
  httpStarts,
  workerProcesses,
  fullDatabase,
  recovery,
];
