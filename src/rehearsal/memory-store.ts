import type { SagaDefinition, SqlRunner } from '../core/definition.ts';
import type { Registry } from '../core/registry.ts';
import type { Changed } from '../store/sagas/changes.ts';
import { changed } from '../store/sagas/changes.ts';
import type { CheckIn, Grant, StepDone, StepRef } from '../store/entries.ts';
import type { Journal, RecordResult } from '../store/journal/journal.ts';
import type { SagaStore } from '../store/sagas/sagas.ts';
import type { Waits } from '../store/sagas/waits.ts';
import type { MemorySaga } from './memory-saga.ts';
import { afterChange, afterRecord, loadedOf } from './memory-saga.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** The one saga of a rehearsal, in place of PostgreSQL. */
export interface Memory {
  readonly definition: SagaDefinition;
  readonly clock: VirtualClock;
  saga: MemorySaga;
  /** The step that was checked in with the record before it, by this process. */
  ahead: string | undefined;
  /** The saga before what the open transaction of a step has written of it. */
  uncommitted: MemorySaga | undefined;
}

/** For statements whose rows a rehearsal does not keep: histories and audits. */
export const NO_ROWS: SqlRunner = {
  $queryRawUnsafe: <T>() => Promise.resolve([] as T),
  $executeRawUnsafe: () => Promise.resolve(0),
};

/** What the engine writes of a saga, in memory. Verdicts and compensations are the engine's own, on top of this. */
export function memorySagas(memory: Memory): SagaStore {
  const load = () => loadedOf(memory.saga, memory.definition);
  const write = (change: Changed) => {
    memory.saga = afterChange(memory.saga, change);
    return change.after;
  };
  return {
    load: () => Promise.resolve(load()),
    change: async (_sagaId, rule) => {
      const saga = load();
      const { answer, change } = rule(saga);
      if (change) write(changed(saga, change));
      return answer;
    },
    withLock: async (_sagaId, work) => {
      const before = memory.saga;
      try {
        return await work(NO_ROWS, load());
      } catch (error) {
        memory.saga = before;
        throw error;
      }
    },
    lock: () => Promise.resolve(load()),
    apply: async (_tx, saga, change) => write(changed(saga, change)),
    openTask: (_tx, { step, kind, message }) => {
      const tasks = [...memory.saga.tasks, { step, kind, message }];
      memory.saga = { ...memory.saga, tasks };
      return Promise.resolve(String(tasks.length));
    },
    committed: () => undefined,
    nextGenerations: (_sql, [flow]) => {
      const { record } = memory.saga;
      const isLive = record.status === 'RUNNING' || record.status === 'COMPENSATING';
      if (!flow || !isLive || flow.generation !== record.generation) return Promise.resolve(new Set<string>());
      memory.saga = { ...memory.saga, record: { ...record, generation: record.generation + 1 } };
      return Promise.resolve(new Set([flow.sagaId]));
    },
  };
}

/** From here on a roll-back undoes what is written of the saga. */
export function beginWriting(memory: Memory): void {
  memory.uncommitted ??= memory.saga;
}

/** Ends the transaction of a step. Whoever turned the saga back meanwhile is not undone with it: the step has then written nothing. */
export function endWriting(memory: Memory, end: 'commit' | 'rollback'): void {
  if (end === 'rollback' && memory.uncommitted) memory.saga = memory.uncommitted;
  memory.uncommitted = undefined;
}

/** `FORWARD_FENCE`. */
function isFenced({ record, stepsDone }: MemorySaga, ref: StepRef): boolean {
  return record.status === 'RUNNING' && record.generation === ref.generation && stepsDone === ref.stepIndex;
}

function isPast({ record, stepsDone }: MemorySaga, ref: StepRef): boolean {
  return stepsDone > ref.stepIndex && (record.status === 'RUNNING' || record.status === 'COMPLETED');
}

export function memoryJournal(memory: Memory): Journal {
  return {
    checkIn: (entry) => Promise.resolve(checkIn(memory, entry)),
    record: async ({ next, ...entry }) => {
      const result = record(memory, entry);
      if (result.kind === 'recorded' && next) checkInAhead(memory, next.step);
      return result;
    },
    recordIn: async (_tx, entry) => {
      beginWriting(memory);
      return record(memory, entry);
    },
    enterIn: (_tx, ref) => Promise.resolve(isFenced(memory.saga, ref)),
    withdraw: (ref) => {
      const { checkIns, cleared } = memory.saga;
      if (isFenced(memory.saga, ref) && checkIns > cleared) memory.saga = { ...memory.saga, cleared: cleared + 1 };
      return Promise.resolve();
    },
    settle: () => Promise.resolve(),
  };
}

function checkIn(memory: Memory, entry: CheckIn): Awaited<ReturnType<Journal['checkIn']>> {
  const { saga, clock } = memory;
  if (!isFenced(saga, entry)) return { kind: isPast(saga, entry) ? 'done' : 'refused' };
  const isAhead = memory.ahead === entry.step;
  memory.ahead = undefined;
  if (isAhead) return grantOf(memory.saga, clock);
  if (clock.nowMs() >= saga.timeoutAtMs) return { kind: 'expired' };
  memory.saga = { ...saga, checkIns: saga.checkIns + (saga.waitUntilMs === null ? 1 : 0) };
  return grantOf(memory.saga, clock);
}

function record(memory: Memory, entry: Omit<StepDone, 'next'>): RecordResult {
  if (!isFenced(memory.saga, entry)) return { kind: isPast(memory.saga, entry) ? 'done' : 'refused' };
  memory.saga = afterRecord(memory.saga, entry.output, entry.attempt);
  return { kind: 'recorded' };
}

/** The record of a step checks in the next one, where this process is to run it. */
function checkInAhead(memory: Memory, next: string): void {
  const { saga, clock, definition } = memory;
  if (definition.steps[saga.stepsDone]?.name !== next || clock.nowMs() >= saga.timeoutAtMs) return;
  memory.saga = { ...saga, checkIns: 1 };
  memory.ahead = next;
}

function grantOf(saga: MemorySaga, clock: VirtualClock): Grant {
  const { checkIns, cleared, retryCount } = saga;
  return {
    kind: 'granted',
    input: JSON.parse(saga.input),
    state: JSON.parse(saga.state),
    attempt: retryCount + 1,
    checkIn: checkIns,
    waiting: saga.waitUntilMs !== null,
    unanswered: checkIns > cleared + 1,
    lost: Math.max(checkIns - 1 - Math.max(retryCount, cleared), 0),
    timeLeftMs: saga.timeoutAtMs - clock.nowMs(),
    startedAtMs: clock.nowMs(),
  };
}

/** Waits compare with the time on the wall: a moment of the rehearsal is told by its distance from now. */
export function memoryWaits(memory: Memory): Waits {
  const { clock } = memory;
  const onTheWall = (atMs: number) => new Date(Date.now() + atMs - clock.nowMs());
  return {
    begun: () => {
      const { waitUntilMs } = memory.saga;
      return Promise.resolve(waitUntilMs === null ? null : onTheWall(waitUntilMs));
    },
    begin: (_tx, ref, timeoutMs) => {
      if (!isFenced(memory.saga, ref)) return Promise.resolve(undefined);
      const waitUntilMs = clock.nowMs() + timeoutMs;
      beginWriting(memory);
      memory.saga = { ...memory.saga, waitUntilMs };
      return Promise.resolve(onTheWall(waitUntilMs));
    },
    answer: (_sql, _sagaId, step) => {
      const answer = memory.saga.signals.get(step);
      return Promise.resolve(answer === undefined ? undefined : { payload: JSON.parse(answer) as unknown });
    },
  };
}

/** The registry of a process that has the saga's code and no other. */
export function registryOf(definition: SagaDefinition): Registry {
  return new Map([[definition.type, definition]]);
}
