import { InfrastructureError } from './fault.ts';

/** The first of the two numbers of an advisory lock: no other part of Backstep uses it. */
const TURN_SPACE = 5_283_672;

/**
 * Columns of a statement over `saga_state AS saga` that take the turn of a saga's transactions until `tx` ends: steps and
 * compensations that write in the database go one after the other, while the saga's row stays free for whoever turns it
 * back. `idleParameter` names the parameter with the idle time in milliseconds, as text, after which the server throws
 * the transaction out: a process that freezes in it must not keep its locks.
 */
export const turnColumns = (idleParameter: `$${number}`) =>
  `pg_try_advisory_xact_lock(${TURN_SPACE}, hashtext(saga.saga_id)) AS alone,
   set_config('idle_in_transaction_session_timeout', ${idleParameter}, true)`;

/** Another run of the saga is in its transaction. This one did not begin. */
export class TurnTakenError extends InfrastructureError {}

export function requireTurn(sagaId: string, row: { readonly alone: boolean } | undefined): void {
  if (row?.alone === false) throw new TurnTakenError(`Another run of saga ${sagaId} is in its transaction`);
}
