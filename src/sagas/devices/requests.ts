/** What the purchase saga asks of the device service. The two speak by events and signals only. */
import { writeEvent } from '../../index.ts';
import type { Tx } from '../ports.ts';

interface Allocation {
  readonly sagaId: string;
  readonly orderId: string;
  readonly userId: string;
  readonly key: string;
}

export async function requestDevice(tx: Tx, { sagaId, orderId, userId, key }: Allocation): Promise<void> {
  const payload = { sagaId, orderId, userId, key };
  await writeEvent(tx, { name: 'allocate.requested', key: `${key}:allocate.requested`, payload });
}

/** The device is allocated whatever the order is like by now, so this refuses nothing: the payment looks at the order. */
export async function storeDevice(tx: Tx, orderId: string, deviceId: string): Promise<void> {
  await tx.order.updateMany({ where: { id: orderId, status: 'PENDING' }, data: { deviceId } });
}

interface Release {
  readonly sagaId: string;
  readonly orderId: string;
  /** Unknown when the answer never came. */
  readonly deviceId: string | undefined;
  readonly key: string;
  readonly executeKey: string;
}

export async function releaseDevice(tx: Tx, { sagaId, orderId, deviceId, key, executeKey }: Release): Promise<void> {
  await tx.order.updateMany({ where: { id: orderId }, data: { deviceId: null } });
  const payload = { sagaId, key: executeKey, ...(deviceId === undefined ? {} : { deviceId }) };
  await writeEvent(tx, { name: 'release', key: `${key}:release`, payload });
}
