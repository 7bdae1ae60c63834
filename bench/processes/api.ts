/** The HTTP API of Backstep in a process of its own, as `backstep api` has it. */
import { pino } from 'pino';
import { serveHttp } from '../../src/cli/http-server.ts';
import { createApp } from '../../src/http/app.ts';
import { connectBackstep } from '../contenders/backstep.ts';
import { readWorld, serve } from './messages.ts';

const { runner, close } = await connectBackstep(readWorld(), {});
const app = createApp({ runner, log: pino({ level: 'silent' }) });
runner.watchWorkers();
const server = await serveHttp(app, { host: '127.0.0.1', port: 0 });
serve(
  (order) => (order.kind === 'url' ? server.url : undefined),
  async () => {
    await server.close();
    await close();
  },
);
