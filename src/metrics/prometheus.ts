import { Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { SagaDefinition } from '../core/definition.ts';
import { NOTICE_EVENTS } from '../core/notice.ts';
import { SAGA_STATUSES, isTerminal } from '../core/status.ts';
import { createRegistry } from '../core/registry.ts';
import { QUEUE_NAMES } from '../queues/names.ts';
import type { Database } from '../store/database/prisma.ts';
import type { Instruments } from './instruments.ts';
import { createInstruments } from './instruments.ts';
import type { Labels } from './labels.ts';
import { boundedLabels } from './labels.ts';
import type { Fact, Meter } from './meter.ts';
import { NOTICE_ENDS, REPAIRS } from './meter.ts';

/** How finely the delay of the event loop is looked at, in milliseconds: each look is a timer. */
const LOOP_PRECISION_MS = 20;
export interface MetricsOptions {
  /** Its types and steps are the only values of the labels `type` and `step`; whatever else comes is `other`. */
  readonly sagas: readonly SagaDefinition[];
  /** The process's connections to PostgreSQL. */
  readonly pool?: Database['pool'];
}

/** What one process counts. */
export interface ProcessMetrics {
  readonly meter: Meter;
  readonly registry: Registry;
  /** A part of a scrape could not be read. */
  scrapeFailed(source: ScrapeSource): void;
  readonly labels: Labels;
}

export const SCRAPE_SOURCES = ['database', 'queues', 'children'] as const;
export type ScrapeSource = (typeof SCRAPE_SOURCES)[number];

/** Counters and histograms of this process, in a registry of their own. Throws a `DefinitionError` for a bad definition. */
export function createMetrics({ sagas, pool }: MetricsOptions): ProcessMetrics {
  const registry = new Registry();
  const labels = boundedLabels(createRegistry(sagas));
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LOOP_PRECISION_MS });
  if (pool) addPool(registry, pool);
  const instruments = createInstruments(registry);
  beginAtZero(instruments, labels);
  return {
    registry,
    labels,
    meter: { note: (fact) => record(instruments, labels, fact) },
    scrapeFailed: (source) => instruments.scrapeErrors.inc({ source }),
  };
}

/** A counter that first appears at 1 has no increase that could be seen. */
function beginAtZero(to: Instruments, labels: Labels): void {
  for (const source of SCRAPE_SOURCES) to.scrapeErrors.inc({ source }, 0);
  for (const repair of REPAIRS) to.repairs.inc({ kind: repair }, 0);
  for (const queue of QUEUE_NAMES) for (const counter of [to.stalls, to.handOvers]) counter.inc({ queue }, 0);
  for (const event of NOTICE_EVENTS) for (const outcome of NOTICE_ENDS) to.notices.inc({ event, outcome }, 0);
  for (const type of labels.types) for (const status of SAGA_STATUSES) to.sagas.inc({ type, status }, 0);
  for (const step of labels.steps) to.retries.inc(step, 0);
}

function record(to: Instruments, labels: Labels, fact: Fact): void {
  switch (fact.kind) {
    case 'saga': {
      const type = labels.ofType(fact.type);
      to.sagas.inc({ type, status: fact.status });
      if (fact.ageMs !== undefined && isTerminal(fact.status)) to.sagaSeconds.observe({ type }, fact.ageMs / 1_000);
      return;
    }
    case 'step':
      return to.stepSeconds.observe({ ...labels.ofStep(fact), outcome: fact.outcome }, fact.durationMs / 1_000);
    case 'retry':
      return to.retries.inc(labels.ofStep(fact));
    case 'compensation':
      return to.compensations.inc({ ...labels.ofStep(fact), outcome: fact.outcome });
    case 'flush':
      to.batchEntries.observe({ journal: fact.journal }, fact.entries);
      return to.flushSeconds.observe({ journal: fact.journal }, fact.durationMs / 1_000);
    case 'repair':
      return to.repairs.inc({ kind: fact.repair }, fact.count ?? 1);
    case 'notice':
      return to.notices.inc({ event: fact.event, outcome: fact.outcome });
    case 'stall':
      return to.stalls.inc({ queue: fact.queue });
    case 'hand-over':
      return to.handOvers.inc({ queue: fact.queue });
    default:
      return fact satisfies never;
  }
}

function addPool(registry: Registry, pool: Database['pool']): void {
  const gauge: Gauge<'state'> = new Gauge({
    name: 'backstep_pool_connections',
    help: "The process's connections to PostgreSQL; waiting: callers without one",
    labelNames: ['state'],
    registers: [registry],
    collect: () => {
      const { total, idle, waiting } = pool();
      gauge.set({ state: 'used' }, total - idle);
      gauge.set({ state: 'idle' }, idle);
      gauge.set({ state: 'waiting' }, waiting);
    },
  });
}
