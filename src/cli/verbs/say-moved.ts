import type { SagaView } from '../../store/views.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { harmless, jsonText } from '../output/text.ts';
import { asJson, type VerbCall } from './verb.ts';

type Call = Pick<VerbCall, 'terminal'> & { readonly options: object };

/** How a saga stands after somebody has moved it: its id and status, and what happens next. */
export function sayMoved(call: Call, saga: SagaView): ExitCode {
  const { terminal } = call;
  const line = `${harmless(saga.sagaId)}  ${terminal.style.status(harmless(saga.status))}  ${harmless(saga.next)}`;
  terminal.write(`${asJson(call) ? jsonText(saga) : line}\n`);
  return EXIT.done;
}
