import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Act } from './ledger-book.ts';
import { createLedgerBook } from './ledger-book.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';

export interface Ledger {
  readonly url: string;
  close(): Promise<void>;
}

type Mishap = 'none' | 'error' | 'slow' | 'lost-reply';

const MISHAPS: readonly { readonly kind: Mishap; readonly weight: number }[] = [
  { kind: 'none', weight: 84 },
  { kind: 'error', weight: 6 },
  { kind: 'slow', weight: 6 },
  { kind: 'lost-reply', weight: 4 },
];
/** Some are longer than a step waits. */
const SLOW_MS = { least: 100, most: 4_500 };

/**
 * The outside world as an HTTP server in the suite's own process, which nobody kills. It fails, dawdles and loses replies by
 * chance until it is told to be calm.
 */
export async function startLedger(seed: number): Promise<Ledger> {
  const handle = handlerOf(seededRandom(seed, 'ledger'));
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  // A connection that we close while idle may be the one on which a request is just coming in.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function handlerOf(random: Random) {
  const book = createLedgerBook(() => Date.now());
  let calm = false;
  let pending = 0;

  const perform = async (act: Act, response: ServerResponse): Promise<void> => {
    const mishap = calm ? 'none' : mishapOf(act, random);
    if (mishap === 'slow') await sleep(random.integer(SLOW_MS.least, SLOW_MS.most));
    const line = mishap === 'error' ? book.turnAway(act) : book.act(act);
    if (mishap === 'lost-reply') response.socket?.destroy();
    else reply(response, line.outcome === 'unavailable' ? 503 : 200, { outcome: line.outcome });
  };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://ledger');
    switch (`${request.method} ${pathname}`) {
      case 'POST /act':
        pending += 1;
        return perform(await readAct(request), response).finally(() => (pending -= 1));
      case 'POST /calm':
        calm = true;
        return reply(response, 200, {});
      case 'GET /lines':
        return reply(response, 200, { lines: book.lines().slice(Number(searchParams.get('from') ?? 0)), pending });
      default:
        return reply(response, 404, {});
    }
  };
}

/** What only notes something is never hindered: it is the suite that wants to know. */
function mishapOf({ what }: Act, random: Random): Mishap {
  return what === 'do' || what === 'undo' || what === 'settle' ? random.weighted(MISHAPS).kind : 'none';
}

async function readAct(request: IncomingMessage): Promise<Act> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Act;
}

function reply(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
