import { Writable } from 'node:stream';
import { pino } from 'pino';
import { type Log, logOf } from '../../src/core/log.ts';

const lines: unknown[][] = [];
const write =
  (level: string) =>
  (...words: unknown[]) =>
    void lines.push([level, ...words]);

beforeEach(() => void (lines.length = 0));

function speak(log: Log): void {
  const child = log.child({ sagaId: 's' }).child({ step: 'A' });
  child.info({ attempt: 1 }, 'done');
  child.warn('late');
}

test('a log without children gets their fields in each line', () => {
  speak(logOf({ debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }));
  expect(lines).toEqual([
    ['info', { sagaId: 's', step: 'A', attempt: 1 }, 'done'],
    ['warn', { sagaId: 's', step: 'A' }, 'late'],
  ]);
});

test('one that says log for info is told by it', () => {
  speak(logOf({ debug: write('debug'), log: write('log'), warn: write('warn'), error: write('error') }));
  expect(lines.map(([level]) => level)).toEqual(['log', 'warn']);
});

test("pino's is taken as it is, and the console's too", () => {
  const written: string[] = [];
  const stream = new Writable({ write: (chunk: Buffer, _encoding, done) => (written.push(chunk.toString()), done()) });
  const log = pino({}, stream);
  expect(logOf(log)).toBe(log);
  speak(logOf(log));
  expect(written.map((line) => JSON.parse(line) as object)).toMatchObject([
    { sagaId: 's', step: 'A', attempt: 1, msg: 'done' },
    { sagaId: 's', step: 'A', msg: 'late' },
  ]);
  expect(() => logOf(console)).not.toThrow();
});

test('without a log nothing is said', () => {
  expect(() => speak(logOf(undefined))).not.toThrow();
});
