import { usageError } from '../cli-error.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type Column, renderTable } from '../output/table.ts';
import { jsonText } from '../output/text.ts';
import { watch } from '../output/watch.ts';
import type { OptionSpecs, VerbContext } from './verb.ts';
import { asJson, WATCH } from './verb.ts';

/** What the API answers for a list; without `nextCursor` it has one page only. */
export interface Listed<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string | null;
}

/** Of every list that has pages. */
export const PAGE_OPTIONS = {
  limit: { type: 'string', value: 'N', text: 'at most so many, up to 200. Default 50' },
  all: { type: 'boolean', text: 'all pages; with --json a line of JSON for each' },
  watch: WATCH,
} as const satisfies OptionSpecs;

type PageValues = { readonly [K in keyof typeof PAGE_OPTIONS]?: string | boolean };

export interface Listing<T> {
  /** A page of the list, from a cursor on. */
  readonly read: (page: { readonly limit?: string; readonly cursor?: string }) => Promise<Listed<T>>;
  readonly columns: readonly Column<T>[];
  /** What there is none of: `sagas`. */
  readonly noun: string;
}

type ListCall = VerbContext & { readonly options: PageValues };

/** Writes a list as its options say. */
export async function runListing<T>(call: ListCall, listing: Listing<T>): Promise<ExitCode> {
  const { options, terminal } = call;
  const page = pageOf(options);
  const json = asJson(call);
  const render = (list: Listed<T>) => renderList(call, listing, list);
  if (options.watch === true)
    await watch({ read: () => listing.read(page), render }, { terminal, json, pause: call.pause });
  else if (options.all === true) await writeAll(call, listing);
  else {
    const list = await listing.read(page);
    terminal.write(json ? `${jsonText(list)}\n` : `${render(list)}\n`);
  }
  return EXIT.done;
}

function pageOf({ limit, all, watch }: PageValues): { limit?: string } {
  if (all === true && (watch === true || limit !== undefined))
    throw usageError(`--all goes without ${watch === true ? '--watch' : '--limit'}`);
  if (typeof limit !== 'string') return {};
  if (!/^[1-9]\d{0,2}$/.test(limit) || Number(limit) > 200)
    throw usageError(`--limit: expected a whole number from 1 to 200, or --all, got ${JSON.stringify(limit)}`);
  return { limit };
}

const LARGEST_PAGE = '200';

async function writeAll<T>(call: ListCall, listing: Listing<T>): Promise<void> {
  const json = asJson(call);
  const items: T[] = [];
  for await (const item of itemsOf(listing))
    if (json) call.terminal.write(`${jsonText(item)}\n`);
    else items.push(item);
  if (!json) call.terminal.write(`${renderList(call, listing, { items })}\n`);
}

async function* itemsOf<T>({ read }: Listing<T>): AsyncGenerator<T> {
  let cursor: string | null | undefined;
  do {
    const list: Listed<T> = await read({ limit: LARGEST_PAGE, ...(cursor ? { cursor } : {}) });
    yield* list.items;
    cursor = list.nextCursor;
  } while (cursor);
}

function renderList<T>({ terminal }: VerbContext, { columns, noun }: Listing<T>, list: Listed<T>): string {
  const { style } = terminal;
  if (list.items.length === 0) return style.faint(`No ${noun}`);
  const table = renderTable(columns, list.items, { width: terminal.columns(), style });
  // Only for people: in a pipe it would be a row.
  const more = list.nextCursor && terminal.isTty;
  return more ? `${table}\n${style.faint('There are more: --all, or a larger --limit')}` : table;
}
