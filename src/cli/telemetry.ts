import type { Telemetry } from 'bullmq';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import { maskUrl, reasonOf } from '../startup-error.ts';
import type { Closing } from './closing.ts';

const PACKAGES =
  'bullmq-otel @opentelemetry/sdk-trace-node @opentelemetry/exporter-trace-otlp-http @opentelemetry/resources';

/**
 * Sends traces to `OTEL_EXPORTER_OTLP_ENDPOINT`, if that is set and OpenTelemetry's packages are installed. They are
 * optional: who does not trace does without them. Their own variables, as for headers and sampling, they read themselves.
 */
export async function startTelemetry(
  { otlpEndpoint, serviceName }: Pick<Config, 'otlpEndpoint' | 'serviceName'>,
  log: Logger,
  closing: Closing,
): Promise<Telemetry<unknown> | undefined> {
  if (otlpEndpoint === undefined) return undefined;
  try {
    const { telemetry, flush } = await loadTelemetry(otlpEndpoint, serviceName);
    closing.add('the traces', flush);
    log.info({ otlpEndpoint: maskUrl(otlpEndpoint), serviceName }, 'traces are sent');
    return telemetry;
  } catch (error) {
    log.warn(
      { err: reasonOf(error) },
      `OTEL_EXPORTER_OTLP_ENDPOINT is set, but nothing is traced: npm install ${PACKAGES}`,
    );
    return undefined;
  }
}

async function loadTelemetry(endpoint: string, serviceName: string) {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const [sdk, otlp, resources, { BullMQOtel }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
    import('bullmq-otel'),
  ]);
  const provider = new sdk.NodeTracerProvider({
    resource: resources.defaultResource().merge(resources.resourceFromAttributes({ 'service.name': serviceName })),
    spanProcessors: [new sdk.BatchSpanProcessor(new otlp.OTLPTraceExporter({ url }))],
  });
  provider.register();
  const telemetry = new BullMQOtel({ tracerName: 'backstep' }) as Telemetry<unknown>;
  return { telemetry, flush: () => provider.shutdown() };
}
