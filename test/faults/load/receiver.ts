import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook } from '../../../src/index.ts';
import type { Random } from '../random.ts';
import { seededRandom } from '../random.ts';

/** A request that told of something. */
export interface ToldNotice {
  /** Undefined where the signature does not fit the body. */
  readonly id: string | undefined;
  /** The answer took it, and was sent. */
  readonly taken: boolean;
}

/** Whoever is told of sagas and tasks, in the suite's own process. */
export interface NoticeReceiver {
  readonly url: string;
  readonly secret: string;
  told(): readonly ToldNotice[];
  /** Nobody is kept waiting any more. */
  calm(): void;
  close(): Promise<void>;
}

type Mood = 'takes' | 'fails' | 'is gone' | 'leads away' | 'breaks off' | 'hangs';

const MOODS: readonly { readonly mood: Mood; readonly weight: number }[] = [
  { mood: 'takes', weight: 60 },
  { mood: 'fails', weight: 15 },
  { mood: 'is gone', weight: 5 },
  { mood: 'leads away', weight: 5 },
  { mood: 'breaks off', weight: 10 },
  { mood: 'hangs', weight: 5 },
];
const STATUSES = { takes: 204, fails: 500, 'is gone': 410, 'leads away': 307 } as const;

/** Of the first so many requests of a notice each may go wrong. */
const HINDERED = 2;

/** It fails, hangs and breaks off by chance; what it was told before, it takes in the end. */
export async function startReceiver(seed: number): Promise<NoticeReceiver> {
  const secret = `the secret of the receiver of seed ${seed}`;
  const told: ToldNotice[] = [];
  const random = seededRandom(seed, 'receiver');
  let calm = false;
  const hear = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const id = await idOf(request, secret);
    const isKnown = told.filter((before) => before.id === id).length >= HINDERED;
    const mood = isKnown ? 'takes' : moodOf(random);
    told.push({ id, taken: mood === 'takes' });
    answer(response, calm && mood === 'hangs' ? 'breaks off' : mood);
  };
  const server = createServer((request, response) => {
    hear(request, response).catch(() => request.socket.destroy());
  });
  // A connection that we close while idle may be the one on which a request is just coming in.
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    secret,
    told: () => told,
    calm: () => {
      calm = true;
      // Those that hang are over.
      server.closeAllConnections();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

const moodOf = (random: Random): Mood => random.weighted(MOODS).mood;

async function idOf(request: IncomingMessage, secret: string): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  const signature = request.headers['backstep-signature'];
  const known = { body: Buffer.concat(chunks), signature: signature === undefined ? undefined : String(signature) };
  return verifyWebhook({ ...known, secret })?.id;
}

function answer(response: ServerResponse, mood: Mood): void {
  switch (mood) {
    case 'hangs':
      return;
    case 'breaks off':
      response.socket?.destroy();
      return;
    default:
      response.writeHead(STATUSES[mood], { location: 'http://127.0.0.1:9/' }).end();
  }
}
