import { AggregatorRegistry, Registry } from 'prom-client';
import { sharedRead } from '../store/reads/shared-read.ts';
import type { ChildMetrics } from './aggregate.ts';
import type { ScrapeTarget } from './gauges.ts';
import { createGauges } from './gauges.ts';
import type { ProcessMetrics } from './prometheus.ts';

/** What `GET /metrics` answers. */
export interface Exposition {
  readonly contentType: string;
  /** Prometheus's text format. Does not reject while servers are away: what they would say is left out. */
  text(): Promise<string>;
}

export interface ExpositionOptions {
  readonly metrics: ProcessMetrics;
  /** Whose tables and queues are shown. Not given: only what this process counts. */
  readonly target?: ScrapeTarget;
  /** Processes whose counts are added to ours. */
  readonly children?: ChildMetrics;
}

export function createExposition({ metrics, target, children }: ExpositionOptions): Exposition {
  const gauges = target && createGauges(target, metrics);
  const render = async () => {
    const [shared, family] = await Promise.all([gauges?.(), children?.snapshots()]);
    if (family !== undefined && family.silent > 0) metrics.scrapeFailed('children');
    const registries = [metrics.registry, ...(shared ? [shared] : [])];
    if (family === undefined || family.snapshots.length === 0) return Registry.merge(registries).metrics();
    const own = await Promise.all(registries.map((registry) => registry.getMetricsAsJSON()));
    return AggregatorRegistry.aggregate([...own, ...family.snapshots]).metrics();
  };
  return { contentType: Registry.PROMETHEUS_CONTENT_TYPE, text: sharedRead(render, () => 0) };
}
