/** The same kind of application in plain JavaScript, on Express 4. */
import { PrismaPg } from '@prisma/adapter-pg';
import { createRunner, defineSaga, NOTHING_TO_UNDO, redisBackend, TerminalError } from 'backstep';
import { backstepRouter } from 'backstep/http';
import express from 'express4';
import { z } from 'zod';
import { PrismaClient } from './dist/generated/client.js';

const { DATABASE_URL: connectionString, REDIS_URL: url, PREFIX: prefix } = process.env;
const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }) });

const returnOrder = defineSaga('RETURN_ORDER', {
  input: z.object({ sku: z.string(), refused: z.boolean().optional() }),
})
  .transaction('NOTE', {
    execute: async ({ tx, input }) => {
      await tx.message.create({ data: { text: `returned ${input.sku}` } });
    },
    compensate: async ({ tx, input }) => {
      await tx.message.create({ data: { text: `kept ${input.sku}` } });
    },
  })
  .step('PAY_BACK', {
    execute: ({ input }) => {
      if (input.refused) throw new TerminalError('The bank refuses');
    },
    compensate: NOTHING_TO_UNDO,
  });

const runner = createRunner({
  prisma,
  schema: 'backstep',
  queues: redisBackend({ url, prefix }),
  sagas: [returnOrder],
});
await runner.work();

const app = express();
app.use(express.json(), express.urlencoded({ extended: true }));
app.use('/deep/in/here', backstepRouter(runner, { apiKeys: ['a-key-that-nobody-guesses:operator:ada'] }));

const server = app.listen(0, '127.0.0.1', () => process.send({ url: `http://127.0.0.1:${server.address().port}` }));

process.once('SIGTERM', async () => {
  server.close();
  await runner.close();
  await prisma.$disconnect();
  process.disconnect();
});
