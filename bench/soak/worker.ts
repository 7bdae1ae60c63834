/** The worker process of the soak: forked with the servers' URLs; tells its memory when asked, and ends when told to. */
import type { Servers } from './runner.ts';
import { soakRunner } from './runner.ts';
import { ownMemory } from './memory.ts';

const [, , databaseUrl = '', redisUrl = ''] = process.argv;
const servers: Servers = { databaseUrl, redisUrl };
const runner = soakRunner(servers);

process.on('message', (message) => {
  if (message === 'memory') process.send?.(ownMemory());
  else void runner.close().then(() => process.disconnect());
});
await runner.work();
process.send?.('ready');
