import { Agent, request, type IncomingMessage } from 'node:http';
import type { Draft } from './requests.ts';

export interface Answer {
  readonly status: number;
  readonly type: string;
  /** Names in lower case and values, in order, also of headers that come twice. */
  readonly headers: readonly (readonly [string, string])[];
  /** Of a stream, its beginning. */
  readonly text: string;
}

export interface Wire {
  readonly origin: string;
  /** Rejects when there is no answer, or none in time. */
  send(draft: Draft): Promise<Answer>;
  close(): void;
}

const ANSWER_LIMIT_MS = 30_000;
/** Where guessed keys are sent from. */
const GUESSER = '127.0.0.2';

/** Real HTTP over connections that are kept. */
export function openWire(origin: string, connections: number): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const send = (draft: Draft, again: boolean): Promise<Answer> =>
    attempt(origin, agent, draft).catch((error: unknown) => {
      // The server closed the idle connection as the request was put onto it.
      if (again && error instanceof ReusedSocketError) return send(draft, false);
      throw error;
    });
  return { origin, send: (draft) => send(draft, true), close: () => agent.destroy() };
}

class ReusedSocketError extends Error {}

function attempt(origin: string, agent: Agent, { method, target, headers, sender, body }: Draft): Promise<Answer> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const localAddress = sender.guesses ? GUESSER : hostname;
    const sent = request({ hostname, port, localAddress, path: target, method, agent, headers: flat(headers, body) });
    sent.setTimeout(ANSWER_LIMIT_MS, () => sent.destroy(new Error(`No answer within ${ANSWER_LIMIT_MS} ms`)));
    sent.once('error', (cause) => reject(sent.reusedSocket ? new ReusedSocketError(cause.message, { cause }) : cause));
    sent.once('response', (response) => resolve(read(response)));
    sent.end(body);
  });
}

/** As a list: of an object's names, `__proto__` would be none. */
function flat(headers: Draft['headers'], body: Buffer | undefined): string[] {
  const length = body === undefined ? [] : ['content-length', String(body.length)];
  const host = headers.some(([name]) => name === 'host') ? [] : ['host', 'backstep.test'];
  return [...host, ...headers.filter(([name]) => body !== undefined || name !== 'content-type').flat(), ...length];
}

async function read(response: IncomingMessage): Promise<Answer> {
  const { statusCode = 0, rawHeaders } = response;
  const type = response.headers['content-type'] ?? '';
  const chunks: Buffer[] = [];
  for await (const chunk of response) {
    chunks.push(chunk as Buffer);
    // It has no end: leaving the loop ends it.
    if (type.startsWith('text/event-stream')) break;
  }
  const headers = rawHeaders.flatMap((name, index): [string, string][] =>
    index % 2 === 0 ? [[name.toLowerCase(), rawHeaders[index + 1] ?? '']] : [],
  );
  return { status: statusCode, type, headers, text: Buffer.concat(chunks).toString() };
}
