import { usageError } from '../cli-error.ts';
import { EXIT } from '../exit-codes.ts';
import { harmless, jsonText } from '../output/text.ts';
import { TASK_ID } from './arguments.ts';
import { JSON_VALUE, readJson } from './json-input.ts';
import { asJson, REASON, verb } from './verb.ts';

export const tasksResolve = verb({
  path: ['tasks', 'resolve'],
  summary: 'Resolve a task',
  notes: [
    'tasks show ID says which resolutions a task has now, and what each of them will do:',
    '  retry    try again, or ask again',
    '  undone   somebody has undone the step by hand',
    '  done     the step has acted, with this output: the saga runs on',
    '  forward  undo nothing: the saga runs on',
    '  abandon  leave what it did as it stands, for good',
  ],
  args: [TASK_ID, { name: 'RESOLUTION', text: 'retry, undone, done, forward or abandon' }],
  options: {
    reason: REASON,
    output: { type: 'string', value: JSON_VALUE, text: 'what the step has come to, an object; with done only' },
  },
  examples: [
    "tasks resolve 42 retry --reason 'The provider is back'",
    "tasks resolve 42 undone --reason 'Refunded in their console, receipt 5521'",
    'tasks resolve 42 done --output \'{"chargeId": "ch_1"}\' --reason \'Found at the provider\'',
  ],
  run: async (call) => {
    const { api, args, options, terminal } = call;
    const { RESOLUTION: resolution } = args;
    if (resolution === 'done' && options.output === undefined)
      throw usageError('tasks resolve: done needs --output JSON, what the step would have returned');
    if (resolution !== 'done' && options.output !== undefined)
      throw usageError(`tasks resolve: --output JSON goes with done, got ${resolution}`);
    const output = options.output === undefined ? {} : { output: await readJson('--output', options.output, call) };
    const task = await api.resolveTask(args.ID, { resolution, reason: options.reason, ...output });
    const line = `Task ${harmless(task.id)} of ${harmless(task.sagaId)} is resolved: ${harmless(task.resolution ?? '')}`;
    terminal.write(`${asJson(call) ? jsonText(task) : line}\n`);
    return EXIT.done;
  },
});
