/** One saga's history, in order: what its steps record, what its log tells, and what waits for a person. */
import type { LogEntry, SagaView, StepView } from '../api/types.ts';
import { between } from './time.ts';
import { isEnded, SAGA_WORDS, TASK_WORDS, type Tone } from './words.ts';

export interface Moment {
  readonly key: string;
  readonly at: string;
  readonly tone: Tone;
  readonly title: string;
  readonly step: string | null;
  readonly detail: string | null;
  readonly actor: string | null;
  /** How long what ended here took, in milliseconds. */
  readonly tookMs: number | null;
  /** The pause since the moment before, in milliseconds. */
  readonly afterMs: number;
}

type Draft = Omit<Moment, 'key' | 'afterMs' | 'step' | 'detail' | 'actor' | 'tookMs'> & Partial<Moment>;

export function timeline(saga: SagaView): readonly Moment[] {
  const drafts: Draft[] = [
    { at: saga.startedAt, tone: 'active', title: 'Saga started' },
    ...saga.steps.flatMap(momentsOfStep),
    ...saga.log.map((entry) => momentOfLog(entry, saga)),
    ...saga.tasks.map((task): Draft => ({
      at: task.createdAt,
      tone: 'bad',
      title: `Waits for a person: ${TASK_WORDS[task.kind].toLowerCase()}`,
      step: task.step,
    })),
    ...endOf(saga),
  ];
  // The sort is stable: what happened in the same millisecond stays in the order above.
  const ordered = drafts.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  return ordered.map((draft, index) => complete(draft, index, ordered[index - 1]));
}

function complete(draft: Draft, index: number, before: Draft | undefined): Moment {
  return {
    step: null,
    detail: null,
    actor: null,
    tookMs: null,
    ...draft,
    key: `${index}:${draft.at}:${draft.title}`,
    afterMs: before ? Math.max(0, between(before.at, draft.at)) : 0,
  };
}

function momentsOfStep(step: StepView): Draft[] {
  const moments: Draft[] = [];
  if (step.startedAt) moments.push({ at: step.startedAt, tone: 'active', title: 'began', step: step.name });
  if (step.doneAt) moments.push(doneMoment(step, step.doneAt));
  return moments;
}

function doneMoment({ name, startedAt, doneAt, attempts }: StepView, at: string): Draft {
  const title = attempts > 1 ? `done at attempt ${attempts}` : 'done';
  return { at, tone: 'good', title, step: name, tookMs: startedAt && doneAt ? between(startedAt, doneAt) : null };
}

const TONES: Readonly<Record<string, Tone>> = {
  'attempt failed': 'turning',
  'step failed': 'bad',
  'saga turned back': 'turning',
  'saga cancelled': 'turning',
  'signal received': 'good',
  compensated: 'undone',
  'compensation attempt failed': 'turning',
  'compensation failed': 'bad',
  'compensation retried': 'active',
  'undone by hand': 'undone',
  'undone by rescue': 'undone',
  'rescue started': 'active',
  'rescue not started': 'turning',
  'late result': 'late',
  'task resolved': 'good',
};

const TITLES: Readonly<Record<string, string>> = {
  'saga turned back': 'Saga turned back: what was done is undone, newest first',
  'saga cancelled': 'Saga cancelled',
  'flow rebuilt': 'Jobs sent anew',
  'compensation attempt failed': 'undo: attempt failed',
  'compensation failed': 'undo failed',
  'compensation retried': 'undo: tried again',
  compensated: 'undone',
};

function momentOfLog({ at, event, step, attempt, message, actor }: LogEntry, { steps }: SagaView): Draft {
  const title = TITLES[event] ?? event;
  const tone = TONES[event] ?? 'quiet';
  // What a person has to do is told with the step and the task.
  const isKnown = message !== null && steps.some(({ name, instructions }) => name === step && instructions === message);
  const detail = isKnown ? null : message;
  return { at, tone, title: attempt === null ? title : `${title} (${attempt})`, step, detail, actor };
}

function endOf({ status, completedAt, startedAt }: SagaView): Draft[] {
  if (!isEnded(status) || completedAt === null) return [];
  const { text, tone } = SAGA_WORDS[status];
  return [{ at: completedAt, tone, title: `Saga ${text.toLowerCase()}`, tookMs: between(startedAt, completedAt) }];
}
