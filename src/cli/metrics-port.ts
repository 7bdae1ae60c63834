import type { Config } from '../config.ts';
import { metricsListener } from '../http/metrics-listener.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Closing } from './closing.ts';
import type { Address } from './http-server.ts';
import { serveHttp } from './http-server.ts';

/** Where a process without an API serves its metrics; undefined where it does not. */
export function metricsAddress({ host, metricsPort }: Config): Address | undefined {
  return metricsPort === undefined ? undefined : { host, port: metricsPort, setting: 'METRICS_PORT' };
}

/** Answers the URL. */
export async function serveMetrics(address: Address, metrics: Exposition, closing: Closing): Promise<string> {
  const server = await serveHttp(metricsListener(metrics), address);
  closing.add('the metrics', () => server.close());
  return server.url;
}
