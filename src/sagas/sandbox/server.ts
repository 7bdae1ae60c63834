import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ZodError } from 'zod';
import { amountOf } from '../money.ts';
import { methodSchema } from '../ports.ts';
import type { Books } from './books.ts';
import { createBooks, Refusal } from './books.ts';
import { openBooksFile } from './books-file.ts';
import type { Faults } from './faults.ts';
import { createFaults } from './faults.ts';
import type { Answer } from './provider-api.ts';
import { findOperation, perform, receiptOf } from './provider-api.ts';
import type { Movement } from './schemas.ts';
import { faultSchema } from './schemas.ts';

const BODY_LIMIT_BYTES = 65_536;

export interface SandboxOptions {
  /** 0 takes a free port. */
  readonly port: number;
  readonly host: string;
  /** The books are kept here, and go on from what is there. One server at a time. */
  readonly booksFile: string;
}

export interface Sandbox {
  readonly url: string;
  close(): Promise<void>;
}

interface State {
  readonly books: Books;
  readonly faults: Faults;
  readonly stopping: AbortSignal;
}

/** A payment provider to try things on: it keeps books as a real one would, and fails on order. */
export async function startSandbox({ port, host, booksFile }: SandboxOptions): Promise<Sandbox> {
  const file = openBooksFile(booksFile);
  const stop = new AbortController();
  const state = { books: createBooks(file), faults: createFaults(), stopping: stop.signal };
  const server = createServer((request, response) => void respond(state, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve);
  }).catch((error: unknown) => {
    file.close();
    throw error;
  });
  const address = server.address() as AddressInfo;
  return {
    url: `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`,
    close: async () => {
      stop.abort();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      file.close();
    },
  };
}

async function respond(state: State, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await answerTo(state, request).catch(refusalOf);
  if (answer === 'lost') {
    request.socket.destroy();
    return;
  }
  response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
}

async function answerTo(state: State, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? '/', 'http://sandbox');
  const [area = '', ...rest] = pathname.split('/').slice(1).map(decode);
  if (area === 'v1') return providerAnswer(state, request, rest);
  if (area === 'sandbox' && rest.length === 1) return controlAnswer(state, request, rest[0] ?? '');
  throw unknownRoute(request);
}

async function providerAnswer(state: State, request: IncomingMessage, path: readonly string[]): Promise<Answer> {
  const [first = '', name = ''] = path;
  if (path.length !== 2) throw unknownRoute(request);
  if (request.method === 'GET' && first === 'operations') return lookUp(state.books, name);
  const method = methodSchema.exclude(['balance']).safeParse(first);
  const operation = findOperation(name);
  if (request.method !== 'POST' || !method.success || !operation) throw unknownRoute(request);
  return perform(state, method.data, operation(state.books, method.data, await readJson(request)));
}

function lookUp(books: Books, key: string): Answer {
  const entry = books.find(key);
  if (!entry) throw new Refusal(404, 'UNKNOWN_KEY', `Nothing was done under the key ${key}`);
  const { operation } = entry;
  return { status: 200, body: operation === 'void' ? { operation, key } : { operation, ...receiptOf(entry) } };
}

async function controlAnswer({ books, faults }: State, request: IncomingMessage, name: string): Promise<Answer> {
  switch (`${request.method} ${name}`) {
    case 'POST faults':
      faults.add(faultSchema.parse(await readJson(request)));
      return { status: 201, body: { items: faults.list() } };
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: { items: [] } };
    case 'GET faults':
      return { status: 200, body: { items: faults.list() } };
    case 'GET operations':
      return { status: 200, body: booksView(books) };
    default:
      throw unknownRoute(request);
  }
}

function booksView(books: Books) {
  const entries = books.list();
  return {
    items: entries.flatMap((entry) => (entry.operation === 'void' ? [] : [movementView(entry)])),
    voids: entries.flatMap(({ operation, key, method, at }) => (operation === 'void' ? [{ key, method, at }] : [])),
  };
}

function movementView(movement: Movement) {
  const { operation, id, key, method, paymentId, amountCents, at } = movement;
  const originalKey = movement.operation === 'refund' ? movement.originalKey : null;
  return { operation, id, key, method, paymentId, amount: amountOf(amountCents), originalKey, at };
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_LIMIT_BYTES) throw new Refusal(413, 'BODY_TOO_LARGE', `A body may be ${BODY_LIMIT_BYTES} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'MALFORMED_JSON', 'The body is not JSON');
  }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new Refusal(400, 'MALFORMED_URL', 'The path is not well encoded');
  }
}

function unknownRoute({ method, url }: IncomingMessage): Refusal {
  return new Refusal(404, 'UNKNOWN_ROUTE', `There is no ${method} ${url}`);
}

function refusalOf(error: unknown): Exclude<Answer, 'lost'> {
  if (error instanceof Refusal) return { status: error.status, body: { code: error.code, message: error.message } };
  if (error instanceof ZodError) {
    const errors = error.issues.map(({ path, message }) => ({ pointer: `/${path.join('/')}`, message }));
    const [first] = errors;
    return { status: 422, body: { code: 'INVALID_REQUEST', message: `${first?.pointer}: ${first?.message}`, errors } };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { status: 500, body: { code: 'INTERNAL_ERROR', message } };
}
