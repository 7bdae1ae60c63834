/**
 * What a terminal would obey instead of showing it: control characters (C0, DEL, C1), and what turns the direction of text
 * or breaks lines. Error messages and states are other people's texts: an escape sequence in one could rewrite the screen.
 */
// oxlint-disable-next-line no-control-regex
const COMMANDS = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;
// oxlint-disable-next-line no-control-regex
const COMMANDS_IN_JSON = /[\u007f-\u009f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** The text on one line, with nothing in it that a terminal would obey. */
export function harmless(text: string): string {
  return text
    .replaceAll(/\s*[\r\n]\s*/g, ' ')
    .replaceAll('\t', ' ')
    .replaceAll(COMMANDS, escaped);
}

/** Compact JSON, or indented, of the same value; what `JSON.stringify` leaves in clear is escaped too. */
export function jsonText(value: unknown, indent = 0): string {
  return (JSON.stringify(value, null, indent) ?? 'null').replaceAll(COMMANDS_IN_JSON, escaped);
}

const escaped = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

const segmenter = new Intl.Segmenter();
const graphemesOf = (text: string) => Array.from(segmenter.segment(text), ({ segment }) => segment);

/** Emoji, and what East Asian fonts draw twice as wide. @see https://www.unicode.org/reports/tr11/ */
const WIDE =
  /^(?:\p{Emoji_Presentation}|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}])/u;
const INVISIBLE = /^[\p{M}\p{Cf}]+$/u;
// oxlint-disable-next-line no-control-regex
const ASCII = /^[\u0020-\u007e]*$/;

/** How many columns of a terminal it takes. */
export function widthOf(text: string): number {
  if (ASCII.test(text)) return text.length;
  return graphemesOf(text).reduce((width, grapheme) => width + widthOfGrapheme(grapheme), 0);
}

function widthOfGrapheme(grapheme: string): number {
  if (INVISIBLE.test(grapheme)) return 0;
  return WIDE.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1;
}

/** At most so many columns of it; what is cut ends in an ellipsis. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text;
  let kept = '';
  let width = 1;
  for (const grapheme of graphemesOf(text)) {
    width += widthOfGrapheme(grapheme);
    if (width > columns) break;
    kept += grapheme;
  }
  return columns < 1 ? '' : `${kept}…`;
}

export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(columns - widthOf(text), 0));
}
