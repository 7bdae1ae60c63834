import type { NoticeEvent } from '../core/notice.ts';
import type { SagaStatus } from '../core/status.ts';

/** How the run of a step ended. `failed`: this attempt. `interrupted`: by a stop, or by PostgreSQL or the queues being away. */
export type StepEnd = 'done' | 'waiting' | 'late' | 'skipped' | 'timeout' | 'failed' | 'interrupted';
/** How the run of a compensation ended. `failed`: for good, so that the saga is parked. `manual`: a person has to undo it. */
export type UndoEnd = 'compensated' | 'retried' | 'failed' | 'manual';
/** What recovery did. `rebuilt`: a saga without a live job got a new flow. `refilled`: the same, after the queues were wiped.
 *  `woken`: an answered or timed-out step slept. `deadline`: a saga past its deadline was turned back. */
export const REPAIRS = ['rebuilt', 'refilled', 'woken', 'deadline'] as const;
export type Repair = (typeof REPAIRS)[number];
/** What commits in groups: steps' check-ins and records, and the starts of sagas. */
export type JournalName = 'steps' | 'starts';

/** How one attempt to tell a receiver ended. `failed`: the last one. `dropped`: its receiver is not configured any more. */
export const NOTICE_ENDS = ['delivered', 'retried', 'failed', 'dropped'] as const;
export type NoticeEnd = (typeof NOTICE_ENDS)[number];

/** Something that happened and is counted. Times are in milliseconds. */
export type Fact =
  /** A saga came to a status. `ageMs`: since its start, where that is its end. */
  | { readonly kind: 'saga'; readonly type: string; readonly status: SagaStatus; readonly ageMs?: number | undefined }
  | {
      readonly kind: 'step';
      readonly type: string;
      readonly step: string;
      readonly outcome: StepEnd;
      readonly durationMs: number;
    }
  | { readonly kind: 'retry'; readonly type: string; readonly step: string }
  | { readonly kind: 'compensation'; readonly type: string; readonly step: string; readonly outcome: UndoEnd }
  | {
      readonly kind: 'flush';
      readonly journal: JournalName;
      readonly entries: number;
      readonly durationMs: number;
    }
  | { readonly kind: 'repair'; readonly repair: Repair; readonly count?: number }
  | { readonly kind: 'notice'; readonly event: NoticeEvent; readonly outcome: NoticeEnd }
  | { readonly kind: 'stall'; readonly queue: string }
  | { readonly kind: 'hand-over'; readonly queue: string };

/** Is told what happens, after it has been committed. What a process did just before it died may be missing: what is true
 *  is in the tables. */
export interface Meter {
  note(fact: Fact): void;
}

/** A meter that keeps what goes wrong in it to itself: no saga is disturbed because something could not be counted. */
export function guardMeter(meter: Meter | undefined, onError: (error: unknown) => void): Meter {
  let told = false;
  return {
    note: (fact) => {
      try {
        meter?.note(fact);
      } catch (error) {
        if (told) return;
        told = true;
        onError(error);
      }
    },
  };
}
