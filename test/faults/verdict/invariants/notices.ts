import type { Evidence } from '../evidence-types.ts';
import type { Violation } from '../../types.ts';
import type { Case } from './case.ts';
import { groupBy, hasEnded } from './case.ts';

/** Group 3: what was committed is told, at least once, under one id; and nothing else is. */
export function judgeNotices(evidence: Evidence, cases: readonly Case[]): readonly Violation[] {
  const { outbox, toldNotices } = evidence;
  const written = new Set(outbox.flatMap(({ name, payload }) => (isNotice(name) ? [idOf(payload)] : [])));
  const taken = new Set(toldNotices.flatMap(({ id, taken }) => (taken && id !== undefined ? [id] : [])));
  const untold = [...written].filter((id) => !taken.has(id));
  const madeUp = toldNotices.filter(({ id }) => id === undefined || !written.has(id));
  return [
    ...untold.map((id) => violation('3 no notice is lost', `${id} was written, and its receiver never took it`)),
    ...madeUp.map(({ id }) => violation('3 no notice is made up', `${id ?? 'One that is not signed'} was told`)),
    ...judgeWritten(written, cases),
  ];
}

const isNotice = (name: string) => name.startsWith('backstep.');
const idOf = (payload: unknown) => (payload as { notice: { id: string } }).notice.id;
const violation = (rule: string, message: string, sagaId: string | null = null) => ({ sagaId, rule, message });

/** An end is told once, a task once, and each time that a saga is parked. */
function judgeWritten(written: ReadonlySet<string>, cases: readonly Case[]): readonly Violation[] {
  const parked = groupBy(
    [...written].filter((id) => id.startsWith('saga.parked:')),
    (id) => id.split(':')[1] ?? '',
  );
  return cases.flatMap(({ saga, tasks, changes }) => {
    const { saga_id: sagaId, status } = saga;
    const rule = '3 a notice tells what happened';
    const isTold = written.has(`saga.finished:${sagaId}`);
    const times = changes.filter(({ step, before, after }) => step === null && after === 'FAILED' && before !== after);
    const told = parked.get(sagaId)?.length ?? 0;
    return [
      ...(isTold === hasEnded(saga) ? [] : [violation(rule, `It is ${status}, told as finished: ${isTold}`, sagaId)]),
      ...tasks
        .filter(({ id }) => !written.has(`task.opened:${id}`))
        .map(({ id, step }) => violation(rule, `Task ${id} of ${step} was not told`, sagaId)),
      ...(told === times.length ? [] : [violation(rule, `Parked ${times.length} times, told ${told} times`, sagaId)]),
    ];
  });
}
