import { join } from 'node:path';
import type { Logger } from 'pino';
import { superviseChild } from '../cli/child.ts';
import type { Closing } from '../cli/closing.ts';
import { curl } from '../cli/curl.ts';
import type { LoadedModule } from '../cli/load-modules.ts';
import type { Config } from '../config.ts';
import type { SqlClient } from '../core/definition.ts';
import { PrismaClient } from '../sagas/generated/client.ts';
import billing, { seedBilling } from '../sagas/index.ts';
import { BOOKS_FILE } from './sandbox.ts';

/** The billing sagas, with their own client of the database, and with what `backstep dev` does for them. */
export const billingModule: LoadedModule = {
  name: 'billing',
  definitions: [],
  create: billing,
  client: PrismaClient,
  dev: {
    provide: withProvider,
    seed: (prisma, log) => seedBilling(clientOf(prisma), log),
    tryIt: (prisma, url) => refundExample(clientOf(prisma), url),
  },
};

/** It was made of `billingModule.client`. */
const clientOf = (prisma: SqlClient) => prisma as unknown as PrismaClient;

/** The settings with a payment provider in them: a sandbox when none is given. */
async function withProvider(
  { settings, providerUrl, dataDir }: Config,
  log: Logger,
  closing: Closing,
): Promise<Config['settings']> {
  if (providerUrl !== undefined) return settings;
  let port = '0';
  const sandbox = superviseChild<{ url: string }>({
    name: 'sandbox',
    module: 'sagas/sandbox/main',
    args: () => ['--books', join(dataDir, BOOKS_FILE), '--port', port],
    env: settings,
    log,
  });
  closing.add('the sandbox', () => sandbox.stop());
  const { url } = await sandbox.ready;
  // Started again it must be where the others expect it.
  port = new URL(url).port;
  return { ...settings, PROVIDER_URL: url, SANDBOX_PROXY: 'on' };
}

/** A payment that can still be refunded: those tried before stay refunded. */
async function refundExample(prisma: PrismaClient, url: string): Promise<string> {
  const payment = await prisma.payment.findFirst({ where: { status: 'SUCCESS' }, orderBy: { id: 'asc' } });
  const path = `/api/billing/payments/${payment?.id ?? 'pay-0001'}/refund`;
  return curl(`${url}${path}`, { amount: 100, reason: 'Trying it out' });
}
