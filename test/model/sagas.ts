import { z } from 'zod';
import type { SagaDefinition } from '../../src/core/definition.ts';
import { NOTHING_TO_UNDO, defineSaga, manual } from '../../src/index.ts';

const code = () => undefined;
const verify = () => ({ kind: 'unknown' as const });
/** What the steps do is the model's: only their settings count. */
const once = { execute: code, compensate: code, attempts: 1 };
const twice = { ...once, attempts: 2 };
const byHand = manual('undo it by hand');
const base = (onCompensationFailure: 'stop' | 'continue') =>
  defineSaga('MODEL', { input: z.object({}), onCompensationFailure });

/** Sagas of three steps: every kind of step, next to every other. */
export const SAGAS: Readonly<Record<string, SagaDefinition>> = {
  'external steps, the newest of which may hide an effect behind an error': base('stop')
    .step('A', once)
    .step('B', { ...twice, onError: 'unknown' })
    .step('C', once),
  'a step that can be verified, between transactions': base('continue')
    .transaction('A', once)
    .step('B', { ...twice, verify })
    .transaction('C', twice),
  'a step that only a person can undo': base('stop')
    .transaction('A', { ...once, compensate: NOTHING_TO_UNDO })
    .step('B', { ...once, verify, compensate: byHand })
    .step('C', { ...once, onError: 'unknown' }),
  'a step with nothing to undo, and every compensation is tried': base('continue')
    .step('A', twice)
    .step('B', { ...twice, compensate: NOTHING_TO_UNDO })
    .transaction('C', { ...once, compensate: byHand }),
};

/** The shortest saga that can go wrong in most ways, for conditions that are broken on purpose. */
export const BRITTLE: SagaDefinition = base('stop').step('A', twice).transaction('B', twice).step('C', twice);

/** A step of which nobody but a person can tell whether it acted. */
export const UNSURE: SagaDefinition = base('stop').step('A', { ...once, onError: 'unknown', compensate: byHand });

/** Small enough to be searched with nothing left out. */
export const SHORT: SagaDefinition = base('stop').step('A', twice).transaction('B', once);
