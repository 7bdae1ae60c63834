/** How a step acts: in the ledger by key, in the database, by asking (both), in the provider's books, or not at all. */
type Acts = 'ledger' | 'rows' | 'asks' | 'money' | 'billing' | 'not';

export interface StepShape {
  readonly acts: Acts;
  readonly undo: 'auto' | 'manual' | 'nothing';
}

const shape = (acts: Acts, undo: StepShape['undo'] = 'auto'): StepShape => ({ acts, undo });

const EVERY = {
  LOOK: shape('not', 'nothing'),
  BOOK: shape('ledger'),
  ENTER: shape('rows'),
  ASK: shape('asks'),
  CLAIM: shape('ledger'),
  SEND: shape('ledger'),
  CLOSE: shape('rows', 'nothing'),
};

const HAND = { BOOK: shape('ledger'), SIGN: shape('ledger', 'manual'), CLOSE: shape('rows', 'nothing') };

/** The sagas of a run as the definitions have them: the judges do not ask the code that is judged. */
export const SHAPES: Readonly<Record<string, Readonly<Record<string, StepShape>>>> = {
  EVERY_KIND: EVERY,
  EVERY_KIND_ON: EVERY,
  EVERY_KIND_BRIEF: EVERY,
  BY_HAND: HAND,
  IN_DOUBT: HAND,
  PAYMENT_REFUND: {
    SET_REFUNDING_STATUS: shape('billing'),
    CALL_PROVIDER_REFUND: shape('money', 'manual'),
    UPDATE_PAYMENT_STATUS: shape('billing'),
    UPDATE_ORDER_STATUS: shape('billing'),
  },
  PAYMENT_PURCHASE: {
    VALIDATE_PLAN: shape('not', 'nothing'),
    CREATE_ORDER: shape('billing'),
    ALLOCATE_DEVICE: shape('billing'),
    PROCESS_PAYMENT: shape('money'),
    ACTIVATE_ORDER: shape('billing', 'nothing'),
  },
};

export function stepsWhich(type: string, acts: Acts): readonly string[] {
  return Object.entries(SHAPES[type] ?? {}).flatMap(([name, step]) => (step.acts === acts ? [name] : []));
}

export function undoOf(type: string, step: string): StepShape['undo'] | undefined {
  return SHAPES[type]?.[step]?.undo;
}
