import type { TaskView } from '../../store/views.ts';
import { EXIT } from '../exit-codes.ts';
import { taskLines } from '../output/task-text.ts';
import { harmless, jsonText } from '../output/text.ts';
import { TASK_ID } from './arguments.ts';
import { asJson, verb, type VerbContext } from './verb.ts';

export const tasksShow = verb({
  path: ['tasks', 'show'],
  summary: 'Show a task: what happened, what is known, and what each resolution will do',
  args: [TASK_ID],
  options: {},
  examples: ['tasks show 42'],
  run: async (call) => {
    const task = await call.api.showTask(call.args.ID);
    call.terminal.write(`${asJson(call) ? jsonText(task) : taskText(task, call)}\n`);
    return EXIT.done;
  },
});

function taskText(task: TaskView, { terminal, nowMs }: VerbContext): string {
  const { style } = terminal;
  const { id, status, type, sagaId, fingerprint } = task;
  const head = `${style.strong(`Task ${harmless(id)}`)}  ${style.status(harmless(status))}`;
  const group = fingerprint === '' ? '' : `, group ${fingerprint}`;
  return [head, `  ${harmless(`${type} ${sagaId}${group}`)}`, ...taskLines(task, nowMs(), terminal)].join('\n');
}
