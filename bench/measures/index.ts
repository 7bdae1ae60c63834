import type { Measure } from './measure.ts';
import { throughput, undoing } from './throughput.ts';

/** In the order in which a round takes them. */
export const MEASURES: readonly (() => Measure)[] = [throughput, undoing];
