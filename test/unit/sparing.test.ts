import { expect, test } from '@jest/globals';
import { sparing } from '../../src/processors/sparing.ts';

test('an error that repeats is noted once in ten seconds, another one at once', () => {
  const noted: string[] = [];
  let nowMs = 0;
  const note = sparing(
    (message) => noted.push(`${nowMs} ${message}`),
    () => nowMs,
  );
  for (nowMs = 0; nowMs <= 20_000; nowMs += 500) note(new Error('away'));
  note(new Error('wiped'));
  note(new Error('away'));
  expect(noted).toEqual(['0 away', '10000 away', '20000 away', '20500 wiped', '20500 away']);
});
