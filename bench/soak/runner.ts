import { pino } from 'pino';
import type { Runner } from '../../src/index.ts';
import { createRunner, redisBackend } from '../../src/index.ts';
import { connectPrisma } from '../../src/store/database/prisma.ts';
import { soaked } from './sagas.ts';

export interface Servers {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/** So short that rows are deleted from the first minute on, in milliseconds. */
const RETENTION_MS = 10_000;

/** As in production, but for how long finished sagas are kept. */
export function soakRunner({ databaseUrl, redisUrl }: Servers): Runner {
  const { prisma, close } = connectPrisma(databaseUrl);
  const runner = createRunner({
    prisma,
    queues: redisBackend({ url: redisUrl }),
    sagas: [soaked],
    log: pino({ level: 'error' }),
    retentionMs: RETENTION_MS,
  });
  return {
    ...runner,
    close: async () => {
      await runner.close();
      await close();
    },
  };
}
