import { SAGA_ID } from './arguments.ts';
import { sayMoved } from './say-moved.ts';
import { REASON, verb } from './verb.ts';

export const sagasRetry = verb({
  path: ['sagas', 'retry'],
  summary: 'Try a failed compensation again',
  args: [SAGA_ID, { name: 'STEP', text: 'the step whose compensation failed' }],
  options: { reason: REASON },
  examples: ["sagas retry payment_refund-5a1c… CREATE_REFUND --reason 'The provider is back'"],
  run: async (call) => {
    const { ID, STEP } = call.args;
    return sayMoved(call, await call.api.retryCompensation(ID, STEP, call.options.reason));
  },
});
