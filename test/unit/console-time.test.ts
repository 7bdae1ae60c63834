import { duration, relativeTime } from '../../console/src/model/time.ts';

const NOW = Date.UTC(2026, 0, 10);
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

test.each([
  [0, 'just now'],
  [1_999, 'just now'],
  [-1_999, 'just now'],
  [2 * SECOND, '2 s ago'],
  [59_999, '59 s ago'],
  [MINUTE, '1 min ago'],
  [HOUR - 1, '59 min ago'],
  [47 * HOUR, '47 h ago'],
  [48 * HOUR, '2 days ago'],
  [-20 * SECOND, 'in 20 s'],
  [-3 * HOUR, 'in 3 h'],
])('%i ms before now is %s', (ms, text) => {
  expect(relativeTime(new Date(NOW - ms).toISOString(), NOW)).toBe(text);
});

test.each([
  [-5, '0 ms'],
  [0, '0 ms'],
  [999, '999 ms'],
  [1_000, '1 s'],
  [1_250, '1.2 s'],
  [9_999, '9.9 s'],
  [10_000, '10 s'],
  [MINUTE, '1 min'],
  [4 * MINUTE + 10 * SECOND, '4 min 10 s'],
  [2 * HOUR + 5 * MINUTE, '2 h 5 min'],
  [50 * HOUR, '2 d 2 h'],
])('%i ms last %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
