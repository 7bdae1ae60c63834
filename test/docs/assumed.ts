/**
 * What the examples of the documents assume to be there: what whoever writes a saga has anyway. The examples are checked with these
 * types, and where one is run these are the services that it finds.
 */
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { PrismaClient } from '../../src/generated/client/client.ts';
import type { SagaDefinition, Verification } from '../../src/index.ts';

const made = new Map<string, string>();

/** The same key is the same thing, as with any provider that takes keys. */
function once(prefix: string, key: string): Promise<string> {
  const id = made.get(key) ?? `${prefix}-${made.size + 1}`;
  made.set(key, id);
  return Promise.resolve(id);
}

const forget = (key: string): Promise<void> => Promise.resolve(void made.delete(key));

const services = {
  hotels: {
    reserve: (_city: string, key: string, _signal?: AbortSignal) => once('hotel', key),
    cancelByKey: (executeKey: string) => forget(executeKey),
  },
  payments: {
    charge: (_cents: number, key: string, _signal?: AbortSignal) => once('charge', key),
    findByKey: (key: string, _signal?: AbortSignal): Promise<Verification<{ chargeId: string }>> => {
      const chargeId = made.get(key);
      return Promise.resolve(chargeId === undefined ? { kind: 'not-done' } : { kind: 'done', output: { chargeId } });
    },
    refundByKey: (executeKey: string, _key: string, _signal?: AbortSignal) => forget(executeKey),
  },
  mail: {
    askForConfirmation: (_hotelId: string, _key: string): Promise<void> => Promise.resolve(),
    send: (_to: string, _text: string, _key: string): Promise<void> => Promise.resolve(),
  },
  devices: {
    stop: (_deviceId: string, key: string, _signal?: AbortSignal) => once('stop', key),
    start: (_deviceId: string, _key: string, _signal?: AbortSignal): Promise<void> => Promise.resolve(),
  },
};

type Services = typeof services;

interface Charge {
  readonly id: string;
}

/** A Prisma client of somebody's shop. */
interface Shop extends Omit<PrismaClient, 'order' | 'plan'> {
  readonly plan: { findUnique(find: { where: { id: string } }): Promise<{ id: string; isActive: boolean } | null> };
  readonly order: {
    create(make: { data: { id: string; userId: string; planId: string } }): Promise<{ id: string }>;
    update(change: { where: { id: string }; data: { status: string } }): Promise<{ id: string }>;
  };
}

declare global {
  var hotels: Services['hotels'];
  var payments: Services['payments'];
  var mail: Services['mail'];
  var devices: Services['devices'];
  /** Only in examples that are not run. */
  var cards: {
    charge(
      charge: { readonly card: string; readonly cents: number; readonly key: string },
      signal: AbortSignal,
    ): Promise<({ readonly kind: 'charged' } & Charge) | { readonly kind: 'declined'; readonly message: string }>;
    find(key: string, signal: AbortSignal): Promise<Charge | undefined>;
    voidKey(key: string, signal: AbortSignal): Promise<void>;
    refund(refund: { readonly chargeKey: string; readonly key: string }, signal: AbortSignal): Promise<void>;
  };
  var shop: Shop;
  var orderPlan: SagaDefinition;
  var app: Express;
  var prisma: PrismaClient;
  var sagas: readonly SagaDefinition[];
  var log: Logger;
}

Object.assign(globalThis, services);
