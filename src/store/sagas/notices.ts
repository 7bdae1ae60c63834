import { randomUUID } from 'node:crypto';
import type { SqlRunner } from '../../core/definition.ts';
import type { NoticeEvent, WantedNotices } from '../../core/notice.ts';
import { tellsEndOf } from '../../core/notice.ts';
import { isTerminal } from '../../core/status.ts';
import type { Changed } from './changes.ts';
import { NOW_UTC } from '../fence.ts';
import { OWN_EVENTS } from '../outbox.ts';

/** What the outbox keeps of a notice, for each receiver. */
const payloadOf = (saga: string, event: string, id: string, task = '') => `
  jsonb_build_object('endpoint', endpoint, 'sagaId', ${saga}.saga_id, 'notice', jsonb_build_object(
    'id', ${id}, 'event', ${event}, 'at', to_char(${NOW_UTC}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'saga', jsonb_build_object('sagaId', ${saga}.saga_id, 'type', ${saga}.saga_type, 'status', ${saga}.status,
      'error', left(${saga}.error_message, 2000)))${task})`;

const TASK = `
  || CASE WHEN task.id IS NULL THEN '{}'::jsonb ELSE jsonb_build_object('task', jsonb_build_object(
    'id', task.id::text, 'step', task.step, 'kind', task.kind, 'message', left(task.message, 2000))) END`;

const WRITE = `
  INSERT INTO outbox (name, key, payload)
  SELECT '${OWN_EVENTS}' || op.event, op.id || ':' || endpoint, ${payloadOf('saga', 'op.event', 'op.id', TASK)}
  FROM unnest($1::text[], $2::text[], $3::text[], $4::bigint[]) AS op(id, event, saga_id, task_id)
  JOIN saga_state AS saga ON saga.saga_id = op.saga_id
  LEFT JOIN operator_task AS task ON task.id = op.task_id
  CROSS JOIN unnest($5::text[]) AS endpoint
  ON CONFLICT (key) DO NOTHING`;

const FINISHED: NoticeEvent = 'saga.finished';
const finishedId = (sagaId: string) => `${FINISHED}:${sagaId}`;

/** A part of a statement that completes sagas: `moved` has their rows. `types` and `endpoints` are its parameters. */
export const tellCompleted = (types: string, endpoints: string) => `
    INSERT INTO outbox (name, key, payload)
    SELECT '${OWN_EVENTS}${FINISHED}', '${finishedId('')}' || moved.saga_id || ':' || endpoint,
      ${payloadOf('moved', `'${FINISHED}'`, `'${finishedId('')}' || moved.saga_id`)}
    FROM moved CROSS JOIN unnest(${endpoints}::text[]) AS endpoint
    WHERE moved.status = 'COMPLETED' AND (${types}::text[] IS NULL OR moved.saga_type = ANY(${types}::text[]))
    ON CONFLICT (key) DO NOTHING`;

interface NewNotice {
  readonly id: string;
  readonly event: NoticeEvent;
  readonly sagaId: string;
  readonly taskId?: string;
}

/** Writes what is to be told of changes, in their transaction, if anybody wants to be told. */
export async function noteChanges(
  tx: SqlRunner,
  wanted: WantedNotices | undefined,
  changes: readonly Changed[],
): Promise<void> {
  if (wanted)
    await writeNotices(
      tx,
      wanted,
      changes.flatMap((change) => noticeOf(wanted, change) ?? []),
    );
}

/** The same of a task that was opened. */
export async function noteTask(
  tx: SqlRunner,
  wanted: WantedNotices | undefined,
  sagaId: string,
  taskId: string,
): Promise<void> {
  if (wanted?.taskOpened !== true) return;
  await writeNotices(tx, wanted, [{ id: `task.opened:${taskId}`, event: 'task.opened', sagaId, taskId }]);
}

/** A saga may be parked again and again, and ends once. */
function noticeOf(wanted: WantedNotices, { saga, after }: Changed): NewNotice | undefined {
  const { sagaId, type, status } = after;
  if (status === saga.record.status) return undefined;
  if (status === 'FAILED' && wanted.parked)
    return { id: `saga.parked:${sagaId}:${randomUUID()}`, event: 'saga.parked', sagaId };
  if (isTerminal(status) && tellsEndOf(wanted, type)) return { id: finishedId(sagaId), event: FINISHED, sagaId };
  return undefined;
}

async function writeNotices(tx: SqlRunner, { endpoints }: WantedNotices, notices: readonly NewNotice[]): Promise<void> {
  if (notices.length === 0) return;
  await tx.$executeRawUnsafe(
    WRITE,
    notices.map(({ id }) => id),
    notices.map(({ event }) => event),
    notices.map(({ sagaId }) => sagaId),
    notices.map(({ taskId }) => taskId ?? null),
    endpoints,
  );
}
