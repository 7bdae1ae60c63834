import type { Resolution, TaskView } from '../../store/views.ts';
import type { Terminal } from './terminal.ts';
import { harmless } from './text.ts';
import { absolute, relative } from './time.ts';

/** A task for people: what happened, what is known, and what each resolution will do. Indented by two. */
export function taskLines(task: TaskView, nowMs: number, { style }: Terminal): readonly string[] {
  const { known, resolvedAt } = task;
  const facts = [
    `${task.kind} of ${task.step}, ${absolute(task.createdAt)} (${relative(task.createdAt, nowMs)})`,
    task.message,
    ...known,
    ...(resolvedAt === null ? [] : [resolvedLine(task, resolvedAt)]),
  ];
  const indented = facts.filter((fact) => fact !== '').map((fact) => `  ${harmless(fact)}`);
  return [...indented, ...resolutionLines(task).map((line) => `  ${style.strong(line.name)}${line.effect}`)];
}

function resolvedLine({ resolution, resolvedBy, reason }: TaskView, resolvedAt: string): string {
  return `resolved as ${resolution} by ${resolvedBy} ${absolute(resolvedAt)}: ${reason}`;
}

function resolutionLines({ resolutions, effects }: TaskView): readonly { name: string; effect: string }[] {
  const width = Math.max(...resolutions.map((name) => name.length), 0);
  const effectOf = (name: Resolution) => `  ${harmless(effects[name] ?? '')}`;
  return resolutions.map((name) => ({ name: harmless(name).padEnd(width), effect: effectOf(name) }));
}
