import { z } from 'zod';
import type { Runner, SagaModule } from '../index.ts';
import type { Prisma } from './generated/client.ts';
import { deviceService } from './devices/service.ts';
import type { Db } from './ports.ts';

type Handlers = ReturnType<NonNullable<SagaModule['consumers']>>;

interface Event {
  readonly name: string;
  readonly key: string;
  readonly payload: unknown;
}

const notificationSchema = z.object({ userId: z.string(), orderId: z.string(), message: z.string() });

/** Who hears which event. Events come at least once, so whatever is done is done by a key. */
export function billingConsumers(db: Db, runner: Runner): Handlers {
  const devices = deviceService(db, runner);
  return {
    'allocate.requested': (event) => devices.allocate(event.payload).then(() => noteEvent(db, event)),
    release: (event) => devices.release(event.payload).then(() => noteEvent(db, event)),
    'order.cancelled': (event) => noteEvent(db, event),
    'order.completed': (event) => noteEvent(db, event),
    'notification.send': (event) => sendNotification(db, event).then(() => noteEvent(db, event)),
  };
}

async function noteEvent(db: Db, { key, name, payload }: Event): Promise<void> {
  await db.consumedEvent.createMany({
    data: [{ key, name, payload: payload as Prisma.InputJsonValue }],
    skipDuplicates: true,
  });
}

/** Stands for a mail or a push message. */
async function sendNotification(db: Db, { key, payload }: Event): Promise<void> {
  const { userId, orderId, message } = notificationSchema.parse(payload);
  await db.notification.createMany({ data: [{ key, userId, orderId, message }], skipDuplicates: true });
}
