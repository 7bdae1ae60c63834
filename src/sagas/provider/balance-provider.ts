import { TerminalError } from '../../index.ts';
import { centsOfDecimal, formatCents } from '../money.ts';
import type { Db, PaymentProvider, Receipt, Tx } from '../ports.ts';

interface Movement {
  readonly key: string;
  readonly userId: string;
  /** Negative when the user pays. */
  readonly amountCents: number;
}

/**
 * Payments from prepaid balances. Every movement is an entry by its idempotency key, in one transaction with the balance;
 * an entry of nothing takes the key, so that a movement that arrives late is refused.
 */
export function balanceProvider(db: Db): PaymentProvider {
  return {
    charge: ({ key, userId, amountCents }) =>
      db.$transaction((tx) => move(tx, { key, userId, amountCents: -amountCents })),
    refund: ({ key, userId, amountCents }) => db.$transaction((tx) => move(tx, { key, userId, amountCents })),
    reverse: ({ key, chargeKey }) =>
      db.$transaction(async (tx) => {
        const charged = await settle(tx, chargeKey);
        if (!charged) return 'voided';
        await move(tx, { key, userId: charged.userId, amountCents: -charged.amountCents });
        return 'refunded';
      }),
    settle: (_method, key) =>
      db.$transaction(async (tx) => {
        const entry = await settle(tx, key);
        return entry ? receiptOf(entry, entry.at) : undefined;
      }),
  };
}

async function move(tx: Tx, movement: Movement): Promise<Receipt> {
  if (await takeKey(tx, movement)) {
    await changeBalance(tx, movement);
    return receiptOf(movement, new Date());
  }
  const known = await findEntry(tx, movement.key);
  if (known?.amountCents === 0)
    throw new TerminalError(`Key ${movement.key} was voided: nothing may be done under it`, { code: 'KEY_VOIDED' });
  if (known?.userId !== movement.userId || known.amountCents !== movement.amountCents)
    throw new TerminalError(`Key ${movement.key} was used for another movement`, { code: 'KEY_REUSED' });
  return receiptOf(known, known.at);
}

/** Inserts the entry, or waits for the transaction that holds the key and answers false. */
async function takeKey(tx: Tx, { key, userId, amountCents }: Movement): Promise<boolean> {
  const { count } = await tx.balanceEntry.createMany({
    data: [{ key, userId, amount: formatCents(amountCents) }],
    skipDuplicates: true,
  });
  return count === 1;
}

async function changeBalance(tx: Tx, { userId, amountCents }: Movement): Promise<void> {
  if (amountCents > 0) await tx.balance.createMany({ data: [{ userId }], skipDuplicates: true });
  const { count } = await tx.balance.updateMany({
    where: { userId, ...(amountCents < 0 ? { amount: { gte: formatCents(-amountCents) } } : {}) },
    data: { amount: { increment: formatCents(amountCents) } },
  });
  if (count === 0)
    throw new TerminalError(`Balance of user ${userId} is less than ${formatCents(-amountCents)}`, {
      code: 'INSUFFICIENT_BALANCE',
    });
}

/** The movement under a key; if there is none, there never will be. */
async function settle(tx: Tx, key: string) {
  if (await takeKey(tx, { key, userId: '', amountCents: 0 })) return undefined;
  const entry = await findEntry(tx, key);
  return entry?.amountCents === 0 ? undefined : entry;
}

async function findEntry(tx: Tx, key: string) {
  const entry = await tx.balanceEntry.findUnique({ where: { key } });
  return entry && { key, userId: entry.userId, amountCents: centsOfDecimal(entry.amount), at: entry.createdAt };
}

function receiptOf({ key, amountCents }: Pick<Movement, 'key' | 'amountCents'>, at: Date): Receipt {
  return { id: `balance:${key}`, key, amountCents: Math.abs(amountCents), at: at.toISOString() };
}
