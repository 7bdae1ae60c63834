import { EXIT } from '../exit-codes.ts';
import { harmless, jsonText } from '../output/text.ts';
import { SAGA_ID } from './arguments.ts';
import { JSON_VALUE, readJson } from './json-input.ts';
import { asJson, verb } from './verb.ts';

export const sagasSignal = verb({
  path: ['sagas', 'signal'],
  summary: 'Bring a waiting step its answer',
  args: [SAGA_ID, { name: 'NAME', text: 'the step that waits' }],
  options: {
    payload: {
      type: 'string',
      value: JSON_VALUE,
      text: 'the answer: in place, from a file, or from stdin. Default {}',
    },
    'signal-id': { type: 'string', value: 'ID', text: 'the same id again is the same signal' },
  },
  examples: ['sagas signal book_trip-77e0… CONFIRM --payload \'{"confirmed": true}\' --signal-id mail-20931'],
  run: async (call) => {
    const { api, args, options, terminal } = call;
    const payload = options.payload === undefined ? {} : await readJson('--payload', options.payload, call);
    const answer = await api.signalSaga(args.ID, args.NAME, payload, options['signal-id']);
    const when = answer.accepted === 'before' ? 'was accepted before' : 'accepted';
    const line = `${harmless(answer.sagaId)}  ${harmless(answer.name)} ${when}`;
    terminal.write(`${asJson(call) ? jsonText(answer) : line}\n`);
    return EXIT.done;
  },
});
