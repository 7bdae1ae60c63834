import type { SqlRunner } from '../../core/definition.ts';
import type { WantedNotices } from '../../core/notice.ts';
import type { SagaStatus } from '../../core/status.ts';
import type { Changed } from './changes.ts';
import { writeChanges } from './changes.ts';
import { noteChanges } from './notices.ts';

/** A saga came to another status. */
export interface StatusChange {
  readonly type: string;
  readonly status: SagaStatus;
  /** Since its start, in milliseconds. */
  readonly ageMs: number;
}

/** Tells of changes when they have committed: one that is rolled back never was. */
export interface Telling {
  write(tx: SqlRunner, changes: readonly Changed[]): Promise<void>;
  committed(tx: SqlRunner): void;
}

/** @param wanted What others are told of: it is written with the changes. */
export function createTelling(onChange: (change: StatusChange) => void, wanted?: WantedNotices): Telling {
  const written = new WeakMap<SqlRunner, readonly StatusChange[]>();
  return {
    write: async (tx, changes) => {
      await writeChanges(tx, changes);
      await noteChanges(tx, wanted, changes);
      written.set(tx, [...(written.get(tx) ?? []), ...changes.flatMap(statusChange)]);
    },
    committed: (tx) => {
      for (const change of written.get(tx) ?? []) onChange(change);
      written.delete(tx);
    },
  };
}

function statusChange({ saga, after: { type, status } }: Changed): readonly StatusChange[] {
  return status === saga.record.status ? [] : [{ type, status, ageMs: saga.ageMs }];
}
