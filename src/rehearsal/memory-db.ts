import type { SqlRunner } from '../core/definition.ts';
import type { OutboxEvent } from '../store/outbox.ts';
import { INSERT_EVENT } from '../store/outbox.ts';

/** A database that is a plain value: its transactions are rolled back as PostgreSQL's are. */
export interface MemoryDb<Data extends object> extends SqlRunner {
  readonly data: Data;
  /** What `writeEvent` wrote, in order. */
  readonly events: readonly OutboxEvent[];
  /** One at a time. `tx` is this database. */
  $transaction<R>(work: (tx: MemoryDb<Data>) => R | Promise<R>): Promise<R>;
}

/**
 * `data` is made of plain objects, arrays, Maps, Sets and values, and is changed in place; a transaction that throws puts it
 * back as it was. Models as a Prisma client has them can be added with `Object.assign(memoryDb(data), { order: … })`: `tx` has
 * them too. It runs no SQL, but takes what `writeEvent` writes.
 */
export function memoryDb<Data extends object>(data: Data): MemoryDb<Data> {
  const events: OutboxEvent[] = [];
  const kept = { data, events };
  let isOpen = false;
  const db: MemoryDb<Data> = {
    data,
    events,
    $transaction: async (work) => {
      if (isOpen) throw new Error('memoryDb: a transaction began before the one before it had ended');
      isOpen = true;
      const before = copied(kept);
      try {
        return await work(db);
      } catch (error) {
        restore(kept, before);
        throw error;
      } finally {
        isOpen = false;
      }
    },
    $executeRawUnsafe: async (query, ...values) => (query === INSERT_EVENT ? addEvent(events, values) : refuse(query)),
    $queryRawUnsafe: async (query) => refuse(query),
  };
  return db;
}

function addEvent(events: OutboxEvent[], values: readonly unknown[]): number {
  const [name, key, payload] = values.map(String);
  if (name === undefined || key === undefined || payload === undefined)
    throw new Error('memoryDb: an event has three values');
  if (events.some((event) => event.key === key)) return 0;
  events.push({ name, key, payload: JSON.parse(payload) as object });
  return 1;
}

function refuse(query: string): never {
  throw new Error(`memoryDb runs no SQL, got ${query.trim().slice(0, 80)}`);
}

/** Containers are copied, whatever else is in them is shared: amounts and dates are not changed in place. */
function copied(value: unknown): unknown {
  if (value instanceof Map) return new Map([...value].map(([key, member]) => [key, copied(member)]));
  if (value instanceof Set) return new Set<unknown>(value);
  if (Array.isArray(value)) return value.map(copied);
  if (!isPlain(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, copied(member)]));
}

/** In place, so that whoever holds a part of it sees it restored. */
function restore(target: unknown, before: unknown): unknown {
  if (target instanceof Map && before instanceof Map) {
    const held = new Map<unknown, unknown>(target);
    target.clear();
    for (const [key, value] of before) target.set(key, restore(held.get(key), value));
    return target;
  }
  if (target instanceof Set && before instanceof Set) {
    target.clear();
    for (const member of before) target.add(member);
    return target;
  }
  if (Array.isArray(target) && Array.isArray(before)) {
    target.splice(0, target.length, ...before.map((value, index) => restore(target[index], value)));
    return target;
  }
  return isPlain(target) && isPlain(before) ? restoreObject(target, before) : before;
}

function restoreObject(target: Record<string, unknown>, before: Record<string, unknown>): object {
  for (const key of Object.keys(target)) if (!(key in before)) delete target[key];
  for (const [key, value] of Object.entries(before)) target[key] = restore(target[key], value);
  return target;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
