import type { GroupRetry } from '../../store/views.ts';
import { EXIT } from '../exit-codes.ts';
import { harmless, jsonText } from '../output/text.ts';
import { watch } from '../output/watch.ts';
import { asJson, REASON, verb, WATCH } from './verb.ts';

export const tasksRetryGroup = verb({
  path: ['tasks', 'retry-group'],
  summary: 'Retry all open tasks of a group, in the background',
  notes: ['With --watch it ends when all of them have been dealt with. What has changed meanwhile is skipped.'],
  args: [{ name: 'FINGERPRINT', text: 'the group, from tasks list --groups' }],
  options: { reason: REASON, watch: WATCH },
  examples: ["tasks retry-group 9f2c41d07be1 --reason 'The provider is back' --watch"],
  run: async (call) => {
    const { api, args, options, terminal, pause } = call;
    const json = asJson(call);
    const begun = await api.retryGroup(args.FINGERPRINT, options.reason);
    if (options.watch === true) {
      const read = () => api.showGroupRetry(begun.id);
      const isOver = ({ status }: GroupRetry) => status === 'finished';
      await watch({ read, render: retryText, isOver }, { terminal, json, pause });
    } else terminal.write(`${json ? jsonText(begun) : retryText(begun)}\n`);
    return EXIT.done;
  },
});

function retryText({ id, fingerprint, status, total, retried, skipped }: GroupRetry): string {
  const word = status === 'finished' ? 'finished' : 'running';
  return harmless(`Retry ${id} of ${fingerprint}: ${word}, ${retried} retried, ${skipped} skipped, of ${total}`);
}
