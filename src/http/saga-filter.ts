import { z } from 'zod';
import { sagaType } from './parameters.ts';
import { sagaStatus } from './views.ts';

const time = z.iso.datetime({ offset: true });

/** Which sagas a list has. */
export const sagaFilter = {
  type: sagaType.exactOptional(),
  status: z
    .string()
    .max(200)
    .transform((list) => list.split(','))
    .pipe(z.array(sagaStatus))
    .exactOptional()
    .describe('One, or several with commas between them'),
  from: time.exactOptional().describe('Started at or after this time'),
  to: time.exactOptional().describe('Started before this time'),
  q: z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\0\p{Surrogate}]*$/u, 'It has a character that no saga can have')
    .exactOptional()
    .describe(
      'Text in the id, the error or the state, but not in what is redacted. A page looks at 50,000 sagas: it may have ' +
        'fewer than `limit`, or none, and still a `nextCursor`',
    ),
};
