/** The billing application: what a user of the library writes. It is the default module of the command line. */
import type { ModuleContext, SagaModule } from '../index.ts';
import { billingConsumers } from './events.ts';
import type { Db, Ports } from './ports.ts';
import { balanceProvider } from './provider/balance-provider.ts';
import { httpProvider } from './provider/http-provider.ts';
import { providerByMethod } from './provider/provider.ts';
import { purchasePlan } from './purchase-plan.ts';
import { refundPayment } from './refund-payment.ts';
import { orderRoutes } from './routes/orders.ts';
import { paymentRoutes } from './routes/payments.ts';
import { sandboxRoutes } from './routes/sandbox.ts';
import { SAGA_TIMEOUT_MS } from './timeouts.ts';

export { PrismaClient } from './generated/client.ts';
export { seedBilling } from './seed.ts';

/**
 * Settings: `PROVIDER_URL`, the base URL of the payment provider; `SANDBOX_PROXY=on` shows the sandbox provider's own
 * routes beside the application's; `BILLING_TIMEOUT_MS`, the deadline of a saga in milliseconds, default 300000.
 */
export default function billing({ prisma, settings }: ModuleContext): SagaModule {
  // The runner is given this application's own client, so this is what it hands on.
  const db = prisma as unknown as Db;
  const url = settings['PROVIDER_URL'];
  const provider = providerByMethod(httpProvider(url), balanceProvider(db));
  const ports: Ports = { db, provider, timeoutMs: timeoutOf(settings['BILLING_TIMEOUT_MS']) };
  return {
    sagas: [refundPayment(ports), purchasePlan(ports)],
    routes: [
      ...paymentRoutes(db),
      ...orderRoutes(),
      ...(settings['SANDBOX_PROXY'] === 'on' && url !== undefined ? sandboxRoutes(url) : []),
    ],
    consumers: (runner) => billingConsumers(db, runner),
  };
}

function timeoutOf(text: string | undefined): number {
  if (text === undefined || text === '') return SAGA_TIMEOUT_MS;
  const timeoutMs = Number(text);
  if (!Number.isSafeInteger(timeoutMs) || timeoutMs < 1)
    throw new Error(`BILLING_TIMEOUT_MS must be a whole number of at least 1, got ${JSON.stringify(text)}`);
  return timeoutMs;
}
