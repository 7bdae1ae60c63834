import { useState, type ReactNode } from 'react';
import { Copy } from './copy.tsx';
import classes from './json-tree.module.css';

interface JsonTreeProps {
  readonly value: unknown;
  readonly label: string;
  /** Whether the outermost value is closed at first. */
  readonly collapsed?: boolean;
}

/** JSON as a tree of what can be opened and closed. */
export function JsonTree({ value, label, collapsed = false }: JsonTreeProps) {
  return (
    <div className={classes['tree']} role="group" aria-label={label}>
      <Node name={label} value={value} depth={collapsed ? CLOSED_DEPTH : 0} />
      <span className={classes['copy']}>
        <Copy value={JSON.stringify(value, null, 2) ?? ''} what={`${label} as JSON`} />
      </span>
    </div>
  );
}

/** Values this deep are closed at first. */
const CLOSED_DEPTH = 3;
/** So many entries are shown at first: an array of thousands would stop the page. */
const FIRST_ENTRIES = 50;

interface NodeProps {
  readonly name: string;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  const [open, setOpen] = useState(depth < CLOSED_DEPTH);
  const entries = entriesOf(value);
  if (entries === null || entries.length === 0) {
    return (
      <div className={classes['line']}>
        <span className={classes['name']}>{name}</span> <Leaf value={value} />
      </div>
    );
  }
  return (
    <div>
      <button type="button" className={classes['toggle']} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span className={classes['name']}>{name}</span>{' '}
        <span className={classes['size']}>{sizeOf(value, entries.length)}</span>
      </button>
      {open ? <Entries entries={entries} depth={depth} /> : null}
    </div>
  );
}

function Entries({
  entries,
  depth,
}: {
  readonly entries: readonly (readonly [string, unknown])[];
  readonly depth: number;
}) {
  const [shown, setShown] = useState(FIRST_ENTRIES);
  return (
    <div className={classes['entries']}>
      {entries.slice(0, shown).map(([name, value]) => (
        <Node key={name} name={name} value={value} depth={depth + 1} />
      ))}
      {entries.length > shown ? (
        <button type="button" className={classes['toggle']} onClick={() => setShown(shown * 4)}>
          {entries.length - shown} more
        </button>
      ) : null}
    </div>
  );
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | null {
  return typeof value === 'object' && value !== null ? Object.entries(value) : null;
}

function sizeOf(value: unknown, length: number): string {
  return Array.isArray(value) ? `[${length}]` : `{${length}}`;
}

function Leaf({ value }: { readonly value: unknown }): ReactNode {
  if (value === '[redacted]') return <span className={classes['redacted']}>redacted</span>;
  if (typeof value === 'string') return <span className={classes['string']}>{value === '' ? '""' : value}</span>;
  if (typeof value === 'object' && value !== null)
    return <span className={classes['size']}>{Array.isArray(value) ? '[]' : '{}'}</span>;
  return <span className={classes['other']}>{value === undefined ? 'nothing' : JSON.stringify(value)}</span>;
}
