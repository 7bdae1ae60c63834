import { pino } from 'pino';
import { Client } from 'pg';
import { PrismaClient } from '../../../src/sagas/generated/client.ts';
import { seedBilling } from '../../../src/sagas/index.ts';
import { migrate } from '../../../src/store/database/migrate.ts';
import { connectPrisma } from '../../../src/store/database/prisma.ts';

/** Beyond the example's own rows, numbered on from them: a payment and a device for every saga. */
const PLENTY = [
  `INSERT INTO devices (id) SELECT 'device-' || lpad(n::text, 4, '0') FROM generate_series(1, $1::int) AS n
   ON CONFLICT DO NOTHING`,
  `INSERT INTO orders (id, order_number, user_id, plan_id, amount, status, paid_at)
   SELECT 'order-' || lpad(n::text, 4, '0'), 'ORD2026010100' || lpad(n::text, 4, '0'),
     'user-' || lpad(((n - 1) % 20 + 1)::text, 4, '0'), 'plan-basic', 100, 'PAID', now()
   FROM generate_series(1, $1::int) AS n ON CONFLICT DO NOTHING`,
  `INSERT INTO payments (id, order_id, user_id, method, amount, status, provider_ref)
   SELECT 'pay-' || lpad(n::text, 4, '0'), 'order-' || lpad(n::text, 4, '0'),
     'user-' || lpad(((n - 1) % 20 + 1)::text, 4, '0'),
     (ARRAY['wechat', 'alipay', 'stripe', 'paypal', 'balance'])[(n - 1) % 5 + 1], 100, 'SUCCESS',
     'seed-' || lpad(n::text, 4, '0')
   FROM generate_series(1, $1::int) AS n ON CONFLICT DO NOTHING`,
  `UPDATE balances SET amount = amount + 1000 * $1::int`,
];

/** The schema, the example's rows, and enough of them for `sagas` sagas. */
export async function prepareDatabase(url: string, sagas: number): Promise<void> {
  await migrate(url);
  const { prisma, close } = connectPrisma(url, { client: PrismaClient });
  await seedBilling(prisma, pino({ level: 'silent' }));
  await close();
  const client = new Client({ connectionString: url });
  await client.connect();
  for (const statement of PLENTY) await client.query(statement, [sagas]);
  await client.end();
}
