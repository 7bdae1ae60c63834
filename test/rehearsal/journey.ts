import { z } from 'zod';
import { TerminalError, defineSaga } from '../../src/index.ts';
import type { CallKind, Fault } from '../../src/rehearsal/index.ts';

/** One call, and what it does to the world. */
export interface Visit {
  readonly name: string;
  readonly sagaId: string;
  readonly step: string;
  readonly kind: CallKind;
  readonly attempt: number;
  readonly signal: AbortSignal;
}

/** Runs the effect of a call, or what befalls it. */
export type Visitor = (visit: Visit, effect: () => void) => void | Promise<void>;

interface Context extends Omit<Visit, 'kind' | 'name'> {
  readonly input: { readonly name: string };
}

/**
 * Every kind of step, of which whatever is called goes through `visitor`: the same definition for the engine, where the
 * visitor does the harm, and for rehearsals.
 */
export function journey(visitor: Visitor, db: object) {
  const did = new Set<string>();
  const visit = (kind: CallKind, { input, ...context }: Context, effect: () => void = () => undefined) =>
    visitor({ ...context, kind, name: input.name }, effect);
  const short = { attempts: 2, backoffMs: 10, timeoutMs: 1_500 };
  return defineSaga('JOURNEY', { input: z.object({ name: z.string() }), db: db as never })
    .step('BOOK', {
      ...short,
      execute: async (context) => {
        await visit('do', context);
        return { booked: context.key.endsWith(':BOOK:do') };
      },
      compensate: (context) => visit('undo', context),
    })
    .transaction('NOTE', {
      ...short,
      execute: (context) => visit('do', context),
      compensate: (context) => visit('undo', context),
    })
    .wait('APPROVE', {
      ...short,
      timeoutMs: 5_000,
      request: (context) => visit('do', context),
      signal: z.object({ approved: z.boolean() }),
      accept: async (context) => {
        await visit('accept', context);
        return context.answer;
      },
      compensate: (context) => visit('undo', context),
    })
    .step('PAY', {
      ...short,
      execute: (context) => visit('do', context, () => void did.add(context.key)),
      verify: async (context) => {
        await visit('verify', context);
        return did.has(context.key) ? { kind: 'done' as const, output: undefined } : { kind: 'not-done' as const };
      },
      compensate: (context) => visit('undo', context),
    })
    .step('TELL', {
      ...short,
      onError: 'unknown',
      execute: (context) => visit('do', context),
      compensate: (context) => visit('undo', context),
    });
}

/** The fault that strikes the next call, as in a rehearsal; written anew, since it is what rehearsals are compared with. */
export function strikes(faults: readonly Fault[]) {
  const left = faults.map((fault) => ({ ...fault, times: fault.times ?? 1 }));
  return (step: string, kind: CallKind) => {
    const fault = left.find((each) => each.times > 0 && each.step === step && (each.call ?? 'do') === kind);
    if (fault) fault.times -= 1;
    return fault?.kind;
  };
}

export const THROWN = {
  throws: (step: string) => new Error(`${step} fails, as rehearsed`),
  'throws-after': (step: string) => new Error(`The answer of ${step} is lost, as rehearsed`),
  refuses: (step: string) => new TerminalError(`${step} is refused, as rehearsed`),
} as const;
