import fc from 'fast-check';
import { createStyle } from '../../src/cli/output/style.ts';
import { type Column, renderTable } from '../../src/cli/output/table.ts';
import { cutTo, harmless, jsonText, widthOf } from '../../src/cli/output/text.ts';
import { absolute, duration, parseMoment, relative } from '../../src/cli/output/time.ts';

const ESC = '\u001b';
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/;
const anyText = fc.string({ unit: 'binary' });

describe('texts of others', () => {
  test('nothing that a terminal would obey gets through', () => {
    expect(harmless(`${ESC}[2J${ESC}]0;pwned\u0007 a\nb\tc \u009b31m \u202egnp`)).toBe(
      '\\u001b[2J\\u001b]0;pwned\\u0007 a b c \\u009b31m \\u202egnp',
    );
    fc.assert(fc.property(anyText, (text) => expect(harmless(text)).not.toMatch(OBEYED)));
  });

  test('JSON is escaped further and stays the same value', () => {
    expect(jsonText({ text: '\u009b2J\u202e' })).toBe('{"text":"\\u009b2J\\u202e"}');
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        const text = jsonText(value, indent);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(text.replaceAll('\n', '')).not.toMatch(OBEYED);
      }),
    );
  });

  test('a width is what a terminal draws', () => {
    expect(['abc', 'müde', 'e\u0301', '日本', '👩‍👩‍👧', '✔', '❤️', '\u200b'].map(widthOf)).toEqual([
      3, 4, 1, 4, 2, 1, 2, 0,
    ]);
  });

  test('what is cut is never wider than it may be', () => {
    expect(cutTo('abcdef', 4)).toBe('abc…');
    expect(cutTo('日本語', 4)).toBe('日…');
    expect(cutTo('abc', 3)).toBe('abc');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 30 }), (text, columns) =>
        expect(widthOf(cutTo(text, columns))).toBeLessThanOrEqual(columns),
      ),
    );
  });
});

interface Row {
  readonly id: string;
  readonly status: string;
  readonly type: string;
  readonly count: number;
  readonly error: string | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ID', value: ({ id }) => id },
  { title: 'STATUS', value: ({ status }) => status, isStatus: true },
  { title: 'TYPE', value: ({ type }) => type, leaves: 1 },
  { title: 'COUNT', value: ({ count }) => count, align: 'right', leaves: 2 },
  { title: 'ERROR', value: ({ error }) => error, shrinks: true },
];

const ROWS: readonly Row[] = [
  { id: 'refund-1', status: 'COMPLETED', type: 'REFUND', count: 7, error: null },
  { id: 'buy-2', status: 'FAILED', type: 'BUY', count: 12, error: 'the provider does not answer at all' },
];

const table = (width: number, colours = false) => renderTable(COLUMNS, ROWS, { width, style: createStyle(colours) });

describe('a table', () => {
  test('is aligned, and whole where there is no terminal', () => {
    expect(table(Infinity)).toBe(
      [
        'ID        STATUS     TYPE    COUNT  ERROR',
        'refund-1  COMPLETED  REFUND      7',
        'buy-2     FAILED     BUY        12  the provider does not answer at all',
      ].join('\n'),
    );
  });

  test('shrinks to the width of the terminal: first long texts, then what is optional, at last everything', () => {
    expect(table(60).split('\n')[2]).toBe('buy-2     FAILED     BUY        12  the provider does not a…');
    expect(table(40)).toBe(
      [
        'ID        STATUS     TYPE    ERROR',
        'refund-1  COMPLETED  REFUND',
        'buy-2     FAILED     BUY     the provid…',
      ].join('\n'),
    );
    expect(table(30).split('\n')[2]).toBe('buy-2     FAILED     the prov…');
    expect(table(12).split('\n')).toEqual(['ID        S…', 'refund-1  C…', 'buy-2     F…']);
  });

  test('colours statuses without a change of the layout', () => {
    // oxlint-disable-next-line no-control-regex
    const plain = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '');
    expect(table(60, true)).toContain(`${ESC}[32mCOMPLETED${ESC}[39m`);
    expect(table(60, true)).toContain(`${ESC}[31mFAILED   ${ESC}[39m`);
    expect(plain(table(60, true))).toBe(table(60));
  });

  test('no line is wider than the terminal, whatever is in it', () => {
    const row = fc.record({ id: anyText, status: anyText, type: anyText, count: fc.nat(), error: anyText });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 5 }), fc.integer({ min: 1, max: 120 }), (rows, width) => {
        const lines = renderTable(COLUMNS, rows, { width, style: createStyle(false) }).split('\n');
        expect(lines).toHaveLength(rows.length + 1);
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});

describe('times', () => {
  const now = Date.parse('2026-01-10T12:00:00Z');

  test.each([
    ['2026-01-10T12:00:00Z', '0s ago'],
    ['2026-01-10T11:59:01Z', '59s ago'],
    ['2026-01-10T11:00:00.001Z', '59m ago'],
    ['2026-01-10T11:00:00Z', '1h ago'],
    ['2026-01-07T12:00:00Z', '3d ago'],
    ['2025-12-01T12:00:00Z', '5w ago'],
    ['2026-01-10T12:05:00Z', 'in 5m'],
    ['nonsense', 'nonsense'],
    [null, ''],
  ])('%s is %s', (iso, text) => {
    expect(relative(iso, now)).toBe(text);
  });

  test.each([
    ['30m', '2026-01-10T11:30:00.000Z'],
    ['7d', '2026-01-03T12:00:00.000Z'],
    ['2w', '2025-12-27T12:00:00.000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000Z'],
    ['2026-01-01T03:04:05+01:00', '2026-01-01T02:04:05.000Z'],
  ])('--since %s is %s', (text, iso) => {
    expect(parseMoment('--since', text, now)).toBe(iso);
  });

  test.each(['', 'yesterday', '5', '1y', '-1h', '2026-13-01', '12'])('--since %p is refused', (text) => {
    expect(() => parseMoment('--since', text, now)).toThrow(
      `--since: expected a span such as 30m, 2h, 7d or an ISO time, got ${JSON.stringify(text)}`,
    );
  });

  test('are shown to the second, durations in their own unit', () => {
    expect(absolute('2026-01-02T03:04:05.678Z')).toBe('2026-01-02 03:04:05Z');
    expect([12, 2_440, 61_000].map(duration)).toEqual(['12 ms', '2.4 s', '1m']);
  });
});
