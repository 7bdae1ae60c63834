import { TerminalError } from '../../src/index.ts';
import { memoryDb } from '../../src/rehearsal/index.ts';
import type { ChargeRequest, Db, PaymentProvider, Receipt } from '../../src/sagas/ports.ts';

type Row = Record<string, unknown>;
type Condition = string | { readonly in?: readonly string[]; readonly not?: string };
type Where = Readonly<Record<string, Condition>>;

function matches(row: Row, where: Where): boolean {
  return Object.entries(where).every(([column, condition]) => {
    const value = row[column];
    if (typeof condition === 'string') return value === condition;
    if (condition.in) return condition.in.includes(String(value));
    return value !== condition.not;
  });
}

/** As much of a Prisma model as the billing sagas use. `unique`: the columns no two rows have the same of. */
function model(rows: Row[], unique: readonly string[], defaults: Row = {}) {
  const find = (where: Where) => rows.find((row) => matches(row, where));
  return {
    findUnique: async ({ where }: { where: Where }) => find(where) ?? null,
    findUniqueOrThrow: async ({ where }: { where: Where }) => {
      const row = find(where);
      if (!row) throw new Error(`No row with ${JSON.stringify(where)}`);
      return row;
    },
    updateMany: async ({ where, data }: { where: Where; data: Row }) => {
      const found = rows.filter((row) => matches(row, where));
      found.forEach((row) => Object.assign(row, data));
      return { count: found.length };
    },
    createMany: async ({ data }: { data: readonly Row[] }) => {
      const fresh = data.filter((row) => !rows.some((old) => unique.some((column) => old[column] === row[column])));
      rows.push(...fresh.map((row) => ({ ...defaults, ...row })));
      return { count: fresh.length };
    },
  };
}

/** The billing tables in memory: columns are what a saga writes, amounts are numbers. */
export function billingTables(rows: { payments?: Row[]; orders?: Row[]; plans?: Row[] } = {}) {
  const data = { payments: rows.payments ?? [], orders: rows.orders ?? [], plans: rows.plans ?? [] };
  const memory = memoryDb(data);
  const models = {
    payment: model(data.payments, ['id']),
    order: model(data.orders, ['id', 'creationKey'], { status: 'PENDING', completedAt: null }),
    plan: model(data.plans, ['id']),
    sagaState: model([], ['sagaId']),
  };
  return { data, events: memory.events, db: Object.assign(memory, models) as unknown as Db };
}

interface Movement {
  readonly kind: 'charge' | 'refund';
  readonly amountCents: number;
  reversed: boolean;
}

/** The sandbox provider's rules about keys, in memory. */
export function providerDouble() {
  const books = new Map<string, Movement>();
  const voided = new Set<string>();
  const receipt = (key: string, { amountCents }: Movement): Receipt => ({
    id: 'r-1',
    key,
    amountCents,
    at: '2026-01-01',
  });
  const move = (kind: Movement['kind'], { key, amountCents }: Pick<ChargeRequest, 'key' | 'amountCents'>): Receipt => {
    if (voided.has(key)) throw new TerminalError(`The key ${key} is void`);
    const movement = books.get(key) ?? { kind, amountCents, reversed: false };
    books.set(key, movement);
    return receipt(key, movement);
  };
  const provider: PaymentProvider = {
    charge: async (request) => move('charge', request),
    refund: async (request) => move('refund', request),
    reverse: async ({ chargeKey }) => {
      const charge = books.get(chargeKey);
      if (charge) charge.reversed = true;
      voided.add(chargeKey);
      return charge ? 'refunded' : 'voided';
    },
    settle: async (_method, key) => {
      const movement = books.get(key);
      if (movement) return receipt(key, movement);
      voided.add(key);
      return undefined;
    },
  };
  const cents = (kind: Movement['kind']) =>
    [...books.values()]
      .filter((movement) => movement.kind === kind && !movement.reversed)
      .reduce((sum, { amountCents }) => sum + amountCents, 0);
  return { provider, cents };
}
