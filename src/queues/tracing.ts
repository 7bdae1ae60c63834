import type { Telemetry } from 'bullmq';
import { SpanKind } from 'bullmq';

/** Of W3C trace context: what a saga's row keeps, and what comes with a request. */
const TRACE_PARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Spans around what BullMQ traces by itself: its own are made where jobs are added and where they run. */
export interface Tracing {
  readonly enabled: boolean;
  /** Runs `work` in a span: below the one that is active, or else below `parent`. It is given the span's own `traceparent`. */
  span<R>(
    name: string,
    parent: string | null | undefined,
    work: (traceParent: string | null) => Promise<R>,
  ): Promise<R>;
  /** Runs `work` as a part of an earlier trace; null: as it is. */
  resume<R>(parent: string | null, work: () => Promise<R>): Promise<R>;
}

const NOTHING_TRACED: Tracing = {
  enabled: false,
  span: (_name, _parent, work) => work(null),
  resume: (_parent, work) => work(),
};

export function createTracing(telemetry: Telemetry<unknown> | undefined): Tracing {
  if (!telemetry) return NOTHING_TRACED;
  const { tracer, contextManager } = telemetry;
  const below = (parent: string | null | undefined) =>
    parent != null && TRACE_PARENT.test(parent)
      ? contextManager.fromMetadata(contextManager.active(), JSON.stringify({ traceparent: parent }))
      : contextManager.active();
  const traceParentOf = (context: unknown) => {
    const { traceparent } = JSON.parse(contextManager.getMetadata(context)) as { readonly traceparent?: string };
    return traceparent !== undefined && TRACE_PARENT.test(traceparent) ? traceparent : null;
  };
  return {
    enabled: true,
    span: async (name, parent, work) => {
      const active = contextManager.active();
      const outer = traceParentOf(active) === null ? below(parent) : active;
      const span = tracer.startSpan(name, { kind: SpanKind.INTERNAL }, outer);
      const inner = span.setSpanOnContext(outer);
      try {
        return await contextManager.with(inner, () => work(traceParentOf(inner)));
      } catch (error) {
        span.recordException(error instanceof Error ? error : String(error));
        throw error;
      } finally {
        span.end();
      }
    },
    resume: (parent, work) => contextManager.with(below(parent), work),
  };
}
