import { z } from 'zod';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';

/** One saga in so many is refused by its last step, and undone. */
export const REFUSED_EVERY = 10;

const undoable = { execute: () => ({ at: Date.now() }), compensate: () => undefined };

/** Steps that do nothing: what grows is not theirs. */
export const soaked = defineSaga('SOAKED', { input: z.object({ n: z.number() }) })
  .step('FIRST', undoable)
  .step('SECOND', undoable)
  .step('LAST', {
    execute: ({ input }) => {
      if (input.n % REFUSED_EVERY === 0) throw new TerminalError('refused');
    },
    compensate: NOTHING_TO_UNDO,
  });
