/** An application of somebody's: Express, Prisma, tables of its own, and Backstep below a path of it. */
import { PrismaPg } from '@prisma/adapter-pg';
import { createRunner, defineSaga, NOTHING_TO_UNDO, redisBackend, TerminalError, writeEvent } from 'backstep';
import { backstepRouter, endStreams } from 'backstep/http';
import express from 'express';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { PrismaClient } from './generated/client.js';

const { DATABASE_URL: connectionString = '', REDIS_URL: url = '', PREFIX: prefix = '' } = process.env;
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });

const placeOrder = defineSaga('PLACE_ORDER', {
  input: z.object({ sku: z.string(), refused: z.boolean().optional() }),
  db: prisma,
})
  .transaction('RESERVE', {
    execute: async ({ tx, input, key }) => {
      const order = await tx.order.create({ data: { sku: input.sku } });
      await tx.message.create({ data: { text: `reserved ${order.sku}` } });
      await writeEvent(tx, { name: 'order.reserved', key, payload: { orderId: order.id } });
      return { orderId: order.id };
    },
    compensate: async ({ tx, output }) => {
      await tx.order.update({ where: { id: output.orderId }, data: { status: 'RELEASED' } });
    },
  })
  .step('SHIP', {
    execute: ({ input }) => {
      if (input.refused === true) throw new TerminalError('No carrier takes it');
    },
    compensate: NOTHING_TO_UNDO,
  });

const runner = createRunner({
  prisma,
  schema: 'backstep',
  queues: redisBackend({ url, prefix }),
  sagas: [placeOrder],
  log: console,
});
await runner.work();
await runner.consume({ 'order.reserved': async ({ payload }) => console.log('consumed', JSON.stringify(payload)) });

const app = express();
app.use(express.json());
app.use(
  '/backstep',
  backstepRouter(runner, {
    authorize: ({ headers }) => (headers['x-user'] === 'ada' ? { actor: 'ada', role: 'operator' } : null),
  }),
);
app.get('/orders', async (_request, response) => void response.json(await prisma.order.findMany()));

const server = app.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});

process.once('SIGTERM', async () => {
  endStreams(server);
  server.close();
  await runner.close();
  await prisma.$disconnect();
  process.disconnect?.();
});
