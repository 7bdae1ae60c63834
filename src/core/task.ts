import { createHash } from 'node:crypto';

/** Why a person is needed. `UNKNOWN_OUTCOME`: nobody knows whether a step acted, and only a person can undo it. `LATE_RESULT`: a
 *  step came back after its saga had turned back without it. */
export type TaskKind = 'COMPENSATION_FAILED' | 'MANUAL_COMPENSATION' | 'UNKNOWN_OUTCOME' | 'LATE_RESULT';

/** What a person can do about a task: see `resolutionsOf`. */
export type Resolution = 'retry' | 'undone' | 'done' | 'forward' | 'abandon';

export const RESOLUTIONS: readonly Resolution[] = ['retry', 'undone', 'done', 'forward', 'abandon'];

/** What a task asks for. */
export interface TaskSubject {
  readonly type: string;
  readonly step: string;
  readonly kind: TaskKind;
  readonly message: string;
}

const PATTERN_LIMIT = 300;
/** A UUID, or any word of four characters or more with a digit in it: numbers of orders, of payments, of requests. */
const ID = /\b(?=[\w-]*\d)[\w-]{4,}\b/g;
const NUMBER = /\d+(?:[.,]\d+)*/g;

/** A message without its numbers and ids: two failures of the same cause have the same. At most 300 characters. */
export function patternOf(message: string): string {
  return message.replace(ID, '…').replace(NUMBER, '…').replaceAll(/\s+/g, ' ').trim().slice(0, PATTERN_LIMIT);
}

/** The same for tasks that ask for the same: 16 hexadecimal digits. */
export function fingerprintOf({ type, step, kind, message }: TaskSubject): string {
  const text = [type, step, kind, patternOf(message)].join('\n');
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
