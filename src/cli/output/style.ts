/** Colours where the terminal has them; text as it is elsewhere. */
export interface Style {
  strong(text: string): string;
  faint(text: string): string;
  /** By the status of a saga, step, task or queue: the colour says whether somebody should look. */
  status(text: string): string;
}

type Paint = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan';

/** SGR codes: those that begin and those that end each. */
const CODES: Readonly<Record<Paint, readonly [begin: number, end: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
};

const STATUS_PAINTS: Readonly<Record<string, Paint>> = {
  COMPLETED: 'green',
  DONE: 'green',
  RUNNING: 'cyan',
  running: 'cyan',
  COMPENSATING: 'yellow',
  COMPENSATED: 'yellow',
  TIMEOUT: 'yellow',
  CANCELLED: 'yellow',
  UNKNOWN: 'yellow',
  paused: 'yellow',
  open: 'yellow',
  FAILED: 'red',
  COMPENSATION_FAILED: 'red',
  ABANDONED: 'red',
  PENDING: 'dim',
  SKIPPED: 'dim',
};

/** Without `colours` every text comes back as it was. */
export function createStyle(colours: boolean): Style {
  const paint = (text: string, paint: Paint | undefined) => {
    if (!colours || paint === undefined) return text;
    const [begin, end] = CODES[paint];
    return `\u001b[${begin}m${text}\u001b[${end}m`;
  };
  return {
    strong: (text) => paint(text, 'bold'),
    faint: (text) => paint(text, 'dim'),
    status: (text) => paint(text, Object.hasOwn(STATUS_PAINTS, text.trim()) ? STATUS_PAINTS[text.trim()] : undefined),
  };
}
