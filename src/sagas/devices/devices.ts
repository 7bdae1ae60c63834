import type { Db, Tx } from '../ports.ts';

export type Allocation = { readonly deviceId: string } | { readonly refused: string };

/**
 * One device for a key, the same one at every call. A refusal is final: had it been forgotten, the event arriving again
 * could allocate a device after its saga was told that there is none.
 */
export async function allocateDevice(db: Db, key: string): Promise<Allocation> {
  return db.$transaction(async (tx) => {
    await lockKey(tx, key);
    const released = await tx.deviceRelease.findUnique({ where: { allocationKey: key } });
    if (released) return { refused: 'The allocation was released or refused before' };
    const held = await tx.device.findUnique({ where: { allocationKey: key } });
    const deviceId = held?.id ?? (await takeFreeDevice(tx, key));
    if (deviceId !== undefined) return { deviceId };
    await tx.deviceRelease.create({ data: { allocationKey: key } });
    return { refused: 'No device is available' };
  });
}

/** Frees the device of a key. A request of that key that arrives later gets none. */
export async function releaseByKey(db: Db, key: string): Promise<void> {
  await db.$transaction(async (tx) => {
    await lockKey(tx, key);
    await tx.deviceRelease.createMany({ data: [{ allocationKey: key }], skipDuplicates: true });
    await tx.device.updateMany({
      where: { allocationKey: key },
      data: { status: 'AVAILABLE', allocationKey: null, updatedAt: new Date() },
    });
  });
}

/** Without it, a release could look for the device while the allocation has not committed it. */
async function lockKey(tx: Tx, key: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${key}, 0))`;
}

async function takeFreeDevice(tx: Tx, key: string): Promise<string | undefined> {
  const [taken] = await tx.$queryRaw<{ id: string }[]>`
    UPDATE devices SET status = 'ALLOCATED', allocation_key = ${key}, updated_at = timezone('utc', now())
    WHERE id = (SELECT id FROM devices WHERE status = 'AVAILABLE' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id`;
  return taken?.id;
}
