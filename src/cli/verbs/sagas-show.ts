import { isTerminal } from '../../core/status.ts';
import type { SagaView } from '../../store/views.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { sagaText } from '../output/saga-text.ts';
import { jsonText } from '../output/text.ts';
import { watch } from '../output/watch.ts';
import { SAGA_ID } from './arguments.ts';
import { asJson, verb, type VerbContext, WATCH } from './verb.ts';

export const sagasShow = verb({
  path: ['sagas', 'show'],
  summary: 'Show a saga: its steps, what happens next, what waits for a person, its log',
  notes: [
    'With --watch it ends when the saga has ended (a parked one has not), with exit code 7 unless it is COMPLETED.',
  ],
  args: [SAGA_ID],
  options: {
    state: { type: 'boolean', text: 'its input and state too' },
    log: { type: 'boolean', text: 'its whole log, not only the end' },
    watch: WATCH,
  },
  examples: [
    'sagas show payment_refund-5a1c…',
    'sagas show payment_refund-5a1c… --state --log',
    "sagas show payment_refund-5a1c… --json | jq '.steps[] | select(.error)'",
  ],
  run: async (call) => {
    const { api, args, options, terminal, pause } = call;
    const json = asJson(call);
    const read = () => api.showSaga(args.ID);
    const render = sagaRenderer(call, { withState: options.state === true, wholeLog: options.log === true });
    if (options.watch === true) {
      const isOver = ({ status }: SagaView) => isTerminal(status);
      return exitCodeOfEnd(await watch({ read, render, isOver }, { terminal, json, pause }));
    }
    const saga = await read();
    terminal.write(`${json ? jsonText(saga) : render(saga)}\n`);
    return EXIT.done;
  },
});

export interface SagaParts {
  readonly withState: boolean;
  readonly wholeLog: boolean;
}

export function sagaRenderer({ terminal, nowMs }: VerbContext, parts: SagaParts): (saga: SagaView) => string {
  return (saga) => sagaText(saga, { terminal, nowMs: nowMs(), ...parts });
}

export function exitCodeOfEnd({ status }: { readonly status: string }): ExitCode {
  return status === 'COMPLETED' ? EXIT.done : EXIT.notCompleted;
}
