import { once } from 'node:events';
import type { Server } from 'node:http';
import type { Request, Response } from 'express';
import type { EventStream } from './route.ts';
import { refused } from './refusals.ts';

/** Emitted by an HTTP server that is about to close: its streams end, and the rest has time to finish. */
export const CLOSING = 'backstep:closing';

export interface EventStreamOptions {
  /** How many may be open at a time in this process. Default 100. */
  readonly limit?: number;
  /** How often a comment is sent, so that nobody on the way takes the connection for dead. Default 15_000. */
  readonly heartbeatMs?: number;
  /** How long a stream lasts. The client opens another, and is asked again who it is. Default 900_000. */
  readonly lifeMs?: number;
  /** How long a client may take to read what it was sent; one that takes longer loses its connection. Default 10_000. */
  readonly drainMs?: number;
}

/** How long a client waits before it opens a stream again, in milliseconds. */
const RETRY_MS = 1_000;

/** Sends server-sent events. Throws TOO_MANY_STREAMS. */
export type SendEvents = (request: Request, response: Response, stream: EventStream) => Promise<void>;

export function eventSender(options: EventStreamOptions = {}): SendEvents {
  const { limit = 100, ...times } = options;
  let open = 0;
  return async (request, response, stream) => {
    if (open >= limit)
      throw refused('TOO_MANY_STREAMS', `${limit} streams are open here already`, {
        headers: { 'retry-after': '5' },
      });
    open += 1;
    try {
      await sendAll(request, response, stream, times);
    } finally {
      open -= 1;
    }
  };
}

async function sendAll(
  request: Request,
  response: Response,
  stream: EventStream,
  { heartbeatMs = 15_000, lifeMs = 900_000, drainMs = 10_000 }: EventStreamOptions,
): Promise<void> {
  const stop = new AbortController();
  const end = () => stop.abort();
  const forget = atClosing(request, end);
  const life = setTimeout(end, lifeMs);
  const heartbeat = setInterval(() => response.writableNeedDrain || response.write(':\n\n'), heartbeatMs);
  response.once('close', end);
  try {
    begin(response);
    if (request.method === 'HEAD') return;
    for await (const { event, data } of stream(stop.signal)) {
      await write(response, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`, stop.signal, drainMs);
      if (stop.signal.aborted || response.destroyed) break;
    }
  } finally {
    forget();
    clearTimeout(life);
    clearInterval(heartbeat);
    response.end();
  }
}

function begin(response: Response): void {
  response.status(200).set({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    // When it ends, there is nothing to keep open; and a proxy must not gather events.
    connection: 'close',
    'x-accel-buffering': 'no',
  });
  response.flushHeaders();
  response.write(`retry: ${RETRY_MS}\n\n`);
}

/** Nothing more is written until the client has taken this: of what changes meanwhile it gets the newest. */
async function write(response: Response, text: string, signal: AbortSignal, drainMs: number): Promise<void> {
  if (response.write(text) || signal.aborted) return;
  const late = AbortSignal.any([signal, AbortSignal.timeout(drainMs)]);
  await once(response, 'drain', { signal: late }).catch(() => response.destroy());
}

/** The streams of a server that may be told to close. */
const open = new WeakMap<Server, Set<() => void>>();

function atClosing(request: Request, end: () => void): () => void {
  const { server } = request.socket as typeof request.socket & { readonly server?: Server };
  if (!server) return () => undefined;
  const ends = open.get(server) ?? new Set();
  if (!open.has(server)) {
    open.set(server, ends);
    server.once(CLOSING, () => ends.forEach((each) => each()));
  }
  ends.add(end);
  return () => ends.delete(end);
}
