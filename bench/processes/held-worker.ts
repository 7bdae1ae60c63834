/** A worker whose steps tell that they run, and do not end until they are released: sagas are then in the middle of one. */
import { once } from 'node:events';
import { connectBackstep } from '../contenders/backstep.ts';
import { readWorld, report, serve } from './messages.ts';

const REPORT_MS = 5;

const world = readWorld();
const released = new AbortController();
const release = once(released.signal, 'abort');
let sagaIds: string[] = [];
const { runner, close } = await connectBackstep(world, {
  ran: async (sagaId) => {
    sagaIds.push(sagaId);
    await release;
  },
});
await runner.work({ concurrency: world.concurrency, graceMs: 0 });
setInterval(() => {
  if (sagaIds.length > 0) report({ kind: 'ran', sagaIds });
  sagaIds = [];
}, REPORT_MS);
serve((order) => {
  if (order.kind === 'release') released.abort();
}, close);
