import type { Evidence, SagaSeen, StepSeen } from '../faults/verdict/evidence-types.ts';
import type { StepShape } from '../faults/verdict/invariants/shapes.ts';
import { SHAPES } from '../faults/verdict/invariants/shapes.ts';
import type { LedgerLine } from '../faults/sagas/ledger-book.ts';

type Mutable<R> = { -readonly [K in keyof R]: R[K] };

/** Evidence that can still be changed. */
export type Draft = {
  -readonly [K in keyof Evidence]: Evidence[K] extends readonly (infer R)[] ? Mutable<R>[] : Evidence[K];
};

export interface Sketch {
  readonly id: string;
  readonly type: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** The step that refuses. Without one the saga is completed. */
  readonly failedAt?: string;
  /** The step that nobody knows of whether it acted, until a person says that it did. */
  readonly inDoubtAt?: string;
}

export const START_MS = Date.parse('2026-01-01T00:00:00Z');
const WORKER_PID = 4_242;

interface Tale {
  readonly draft: Draft;
  readonly id: string;
  readonly shapes: Readonly<Record<string, StepShape>>;
  readonly definition: readonly string[];
  /** What happens next happens a second later. */
  seconds: number;
}

/** Tells one saga as it should go: its steps in order, the refusal, and the undos newest first until one needs a person. */
export function tellSaga(draft: Draft, sketch: Sketch): void {
  const { id, type, input, failedAt, inDoubtAt } = sketch;
  const shapes = SHAPES[type] ?? {};
  const definition = Object.keys(shapes);
  const tale: Tale = { draft, id, shapes, definition, seconds: 0 };
  const done = failedAt === undefined ? definition : definition.slice(0, definition.indexOf(failedAt));
  for (const step of done) (step === inDoubtAt ? sayDone : runStep)(tale, step);
  if (failedAt === undefined) change(tale, null, 'RUNNING', 'COMPLETED');
  const status = failedAt === undefined ? 'COMPLETED' : turnBack(tale, failedAt, done);
  draft.accepted.push({ sagaId: id, type, key: `key of ${id}`, input, startedAtMs: START_MS, cancelled: false });
  draft.sagas.push(sagaRow(tale, sketch, status, done.length));
}

function runStep(tale: Tale, step: string): void {
  const acts = tale.shapes[step]?.acts;
  const key = keyOf(tale, step);
  if (acts !== 'billing' && acts !== 'money') tellLedger(tale, 'begin', step, 'noted');
  if (acts === 'asks') writeRow(tale, step, 'ask');
  if (acts === 'asks') sendEvent(tale, key, 'fault.asked');
  if (acts === 'ledger' || acts === 'asks') tellLedger(tale, 'do', step, 'done');
  if (acts === 'rows' || acts === 'asks') writeRow(tale, step, 'do');
  if (acts === 'rows') sendEvent(tale, key, step === 'CLOSE' ? 'fault.closed' : 'fault.entered');
  if (step === 'ALLOCATE_DEVICE') sendEvent(tale, key, 'allocate.requested');
  if (step === 'ACTIVATE_ORDER') {
    sendEvent(tale, key, 'order.completed');
    sendEvent(tale, key, 'notification.send');
    tale.draft.notifications.push({ key: `${key}:notification.send` });
  }
  recordStep(tale, step, 'DONE');
}

/** The step acts without an answer; a person finds out, and the saga goes on. */
function sayDone(tale: Tale, step: string): void {
  const { draft, id } = tale;
  const say = (event: string, actor: string | null) =>
    draft.log.push({ saga_id: id, at: later(tale), event, step, attempt: null, message: null, actor });
  tellLedger(tale, 'begin', step, 'noted');
  tellLedger(tale, 'do', step, 'done');
  say('step failed', null);
  change(tale, null, 'RUNNING', 'COMPENSATING');
  recordStep(tale, step, 'UNKNOWN');
  park(tale, step);
  say('done by hand', 'olga');
  change(tale, null, 'FAILED', 'RUNNING');
  changeStep(tale, step, 'DONE');
  Object.assign(draft.tasks.at(-1) ?? {}, { status: 'resolved', resolution: 'done' });
}

function turnBack(tale: Tale, failed: string, done: readonly string[]): SagaSeen['status'] {
  const { draft, id, shapes } = tale;
  if (shapes[failed]?.acts === 'rows') tellLedger(tale, 'begin', failed, 'noted');
  const entry = { event: 'step failed', step: failed, attempt: null, message: null, actor: null };
  draft.log.push({ saga_id: id, at: later(tale), ...entry });
  change(tale, null, 'RUNNING', 'COMPENSATING');
  recordStep(tale, failed, 'FAILED');
  for (const step of done.toReversed()) {
    if (shapes[step]?.undo === 'manual') return park(tale, step);
    if (shapes[step]?.undo === 'auto') undoStep(tale, step);
  }
  const { tx } = change(tale, null, 'COMPENSATING', 'COMPENSATED');
  for (const step of done) if (shapes[step]?.undo === 'nothing') changeStep(tale, step, 'COMPENSATED').tx = tx;
  return 'COMPENSATED';
}

function park(tale: Tale, step: string): SagaSeen['status'] {
  changeStep(tale, step, 'COMPENSATION_FAILED');
  change(tale, null, 'COMPENSATING', 'FAILED');
  const task = { step, kind: 'MANUAL_COMPENSATION', status: 'open', message: '', resolution: null } as const;
  tale.draft.tasks.push({ id: String(tale.draft.tasks.length), saga_id: tale.id, ...task });
  return 'FAILED';
}

function undoStep(tale: Tale, step: string): void {
  const acts = tale.shapes[step]?.acts;
  const key = keyOf(tale, step);
  if (acts === 'ledger' || acts === 'rows' || acts === 'asks') tellLedger(tale, 'undo-begin', step, 'noted');
  if (acts === 'ledger' || acts === 'asks') tellLedger(tale, 'undo', step, 'undone');
  if (acts === 'rows' || acts === 'asks') {
    writeRow(tale, step, 'undo');
    sendEvent(tale, key, acts === 'asks' ? 'fault.withdrawn' : 'fault.left');
  }
  if (step === 'ALLOCATE_DEVICE') sendEvent(tale, `${tale.id}:${step}:undo`, 'release');
  if (step === 'CREATE_ORDER') sendEvent(tale, `${tale.id}:${step}:undo`, 'order.cancelled');
  changeStep(tale, step, 'COMPENSATED');
}

const keyOf = ({ id }: Tale, step: string) => `${id}:${step}:do`;

function later(tale: Tale): Date {
  tale.seconds += 1;
  return new Date(START_MS + tale.seconds * 1_000);
}

function tellLedger(tale: Tale, what: LedgerLine['what'], step: string, outcome: LedgerLine['outcome'], key?: string) {
  const { lines } = tale.draft;
  const said = { what, step, outcome, sagaId: tale.id, key: key ?? keyOf(tale, step), pid: WORKER_PID };
  lines.push({ n: lines.length + 1, atMs: later(tale).getTime(), ...said });
}

function writeRow(tale: Tale, step: string, what: 'ask' | 'do' | 'undo'): void {
  tale.draft.effects.push({ key: keyOf(tale, step), saga_id: tale.id, step, what, at: later(tale) });
}

function sendEvent(tale: Tale, prefix: string, name: string): void {
  const key = `${prefix}:${name}`;
  const { outbox, consumed } = tale.draft;
  outbox.push({ id: String(outbox.length), name, key, payload: {}, relayed_at: later(tale) });
  if (name.startsWith('fault.')) tellLedger(tale, 'event', '', 'noted', key);
  else consumed.push({ key, name });
}

function change(tale: Tale, step: string | null, before: string | null, after: string) {
  const { changes } = tale.draft;
  const added: Draft['changes'][number] = {
    saga_id: tale.id,
    at: later(tale),
    step,
    step_index: step === null ? null : tale.definition.indexOf(step),
    before,
    after,
    generation_before: 1,
    generation_after: 1,
    steps_done_before: 0,
    steps_done_after: 0,
    who: 'worker-1',
    tx: String(changes.length),
  };
  changes.push(added);
  return added;
}

function recordStep(tale: Tale, name: string, status: StepSeen['status']): void {
  tale.draft.steps.push({
    saga_id: tale.id,
    step_index: tale.definition.indexOf(name),
    name,
    status,
    output: {},
    attempts: 1,
    error_message: null,
    started_at: null,
    done_at: null,
    compensation_attempts: 0,
    compensation_error: null,
    compensated_at: null,
  });
  change(tale, name, null, status);
}

function changeStep(tale: Tale, name: string, after: StepSeen['status']) {
  const row = tale.draft.steps.find((step) => step.saga_id === tale.id && step.name === name);
  if (row) row.status = after;
  return change(tale, name, 'DONE', after);
}

function sagaRow(tale: Tale, { id, type, input }: Sketch, status: SagaSeen['status'], done: number): SagaSeen {
  const at = later(tale);
  return {
    saga_id: id,
    saga_type: type,
    status,
    current_step: tale.definition[done] ?? '',
    step_index: done,
    state: input,
    input,
    error_message: status === 'COMPLETED' ? null : 'refused',
    reason: null,
    retry_count: 0,
    definition: tale.definition,
    generation: 1,
    steps_done: done,
    ending: status === 'COMPLETED' ? null : 'COMPENSATED',
    idempotency_key: `key of ${id}`,
    wait_until: null,
    timeout_at: new Date(START_MS + 300_000),
    started_at: new Date(START_MS),
    updated_at: at,
    completed_at: status === 'FAILED' ? null : at,
  };
}
