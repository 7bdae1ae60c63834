import type { Registry } from 'prom-client';
import { Counter, Histogram } from 'prom-client';

/** Bounds of buckets. In seconds: a saga may wait for a person, a flush takes about as long as a sync of the disk. */
const SAGA_SECONDS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
const STEP_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const FLUSH_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 10];
const BATCH_ENTRIES = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export type Instruments = ReturnType<typeof createInstruments>;

/** What is counted while sagas run. Their names and labels are a contract: dashboards and alerts are built on them. */
export function createInstruments(registry: Registry) {
  const registers = [registry];
  const counter = (name: string, help: string, labelNames: readonly string[]) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = (name: string, help: string, labelNames: readonly string[], buckets: number[]) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  return {
    sagas: counter('saga_total', 'Sagas that came to a status; RUNNING is their start', ['type', 'status']),
    sagaSeconds: histogram(
      'saga_duration_seconds',
      'From the start of a saga to its end, waits included',
      ['type'],
      SAGA_SECONDS,
    ),
    retries: counter('saga_retry_count', 'Failed attempts of a step that another one followed', ['type', 'step']),
    stepSeconds: histogram(
      'saga_step_duration_seconds',
      'One run of a step, from after its check-in to its record',
      ['type', 'step', 'outcome'],
      STEP_SECONDS,
    ),
    compensations: counter('saga_compensation_total', 'Runs of a compensation, by how they ended', [
      'type',
      'step',
      'outcome',
    ]),
    batchEntries: histogram(
      'backstep_journal_batch_entries',
      'Entries that were committed together',
      ['journal'],
      BATCH_ENTRIES,
    ),
    flushSeconds: histogram('backstep_journal_flush_seconds', 'One commit of a batch', ['journal'], FLUSH_SECONDS),
    repairs: counter('backstep_repairs_total', 'Sagas that recovery set going again, by what was done', ['kind']),
    stalls: counter('backstep_stalls_total', 'Jobs whose worker fell silent', ['queue']),
    handOvers: counter('backstep_hand_overs_total', 'Jobs of workers that died, given to others', ['queue']),
    notices: counter('backstep_notices_total', 'Attempts to tell a receiver of a webhook, by how they ended', [
      'event',
      'outcome',
    ]),
    scrapeErrors: counter('backstep_scrape_errors_total', 'Parts of a scrape that could not be read', ['source']),
  };
}
