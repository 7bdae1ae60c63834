import type { Started } from '../client/api.ts';
import type { ExitCode } from '../exit-codes.ts';
import { EXIT } from '../exit-codes.ts';
import { harmless, jsonText } from '../output/text.ts';
import { watch } from '../output/watch.ts';
import { JSON_VALUE, readJson } from './json-input.ts';
import { exitCodeOfEnd, sagaRenderer } from './sagas-show.ts';
import { asJson, verb, type VerbContext } from './verb.ts';

export const sagasStart = verb({
  path: ['sagas', 'start'],
  summary: 'Start a saga',
  notes: [
    'With --wait it shows the saga once nothing happens to it any more without a person (a parked one counts), and exits',
    'with 7 unless it is COMPLETED. Give an idempotency key where the command may be repeated: the same key again is',
    'the same saga.',
  ],
  args: [{ name: 'TYPE', text: 'the type of the saga' }],
  options: {
    input: { type: 'string', value: JSON_VALUE, text: 'its input: in place, from a file, or from stdin. Default {}' },
    'idempotency-key': { type: 'string', value: 'KEY', text: 'the same key again starts nothing new' },
    wait: { type: 'boolean', text: 'until it has ended or is parked' },
  },
  examples: [
    'sagas start BOOK_TRIP --input \'{"city": "Oslo", "cents": 12000}\' --wait',
    'sagas start BOOK_TRIP --input @trip.json --idempotency-key order-4711',
    'jq -c .trip order.json | backstep sagas start BOOK_TRIP --input - --json',
  ],
  run: async (call) => {
    const { api, args, options, terminal } = call;
    const input = options.input === undefined ? {} : await readJson('--input', options.input, call);
    const started = await api.startSaga(args.TYPE, input, options['idempotency-key']);
    const line = `${harmless(started.sagaId)}  ${terminal.style.status(harmless(started.status))}\n`;
    if (options.wait === true) return waitFor(started, call, asJson(call));
    terminal.write(asJson(call) ? `${jsonText(started)}\n` : line);
    return EXIT.done;
  },
});

async function waitFor({ sagaId }: Started, context: VerbContext, json: boolean): Promise<ExitCode> {
  const { api, terminal, pause } = context;
  // Who interrupts the waiting has to know what to look for.
  if (!json) terminal.note(`Started ${harmless(sagaId)}\n`);
  const saga = await watch(
    {
      read: () => api.showSaga(sagaId),
      render: sagaRenderer(context, { withState: false, wholeLog: false }),
      isOver: ({ status }) => status !== 'RUNNING' && status !== 'COMPENSATING',
    },
    { terminal, json, pause, show: 'end' },
  );
  return exitCodeOfEnd(saga);
}
