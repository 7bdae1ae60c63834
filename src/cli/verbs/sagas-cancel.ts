import { SAGA_ID } from './arguments.ts';
import { sayMoved } from './say-moved.ts';
import { REASON, verb } from './verb.ts';

export const sagasCancel = verb({
  path: ['sagas', 'cancel'],
  summary: 'Cancel a saga that has not ended: what it did is undone',
  args: [SAGA_ID],
  options: { reason: REASON },
  examples: ["sagas cancel payment_refund-5a1c… --reason 'The customer called, see ticket 812'"],
  run: async (call) => sayMoved(call, await call.api.cancelSaga(call.args.ID, call.options.reason)),
});
