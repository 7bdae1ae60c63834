import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { afterEach } from '@jest/globals';
import { type AppOptions, createApp } from '../../src/http/app.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { createContract, type Contract } from './contract.ts';

/** What answers were not as the OpenAPI document says, in whatever test of this file. */
const complaints = new Set<string>();

afterEach(() => {
  const found = [...complaints];
  complaints.clear();
  if (found.length > 0) throw new Error(`Answers that are not as documented:\n${found.join('\n')}`);
});

let ofTheLibrary: Contract | undefined;

/** The app, with each of its answers held to its OpenAPI document: the test fails that got one that is not as it says. */
export function checkedApp(options: AppOptions): RequestListener {
  const app = createApp(options);
  const { routes = [] } = options;
  let contract: Contract | undefined;
  return (request, response) => {
    contract ??=
      routes.length === 0 ? (ofTheLibrary ??= createContract(ROUTES)) : createContract([...ROUTES, ...routes]);
    listen(request, response, contract);
    app(request, response);
  };
}

function listen(request: IncomingMessage, response: ServerResponse, contract: Contract): void {
  const { method = '', url = '' } = request;
  if (method === 'HEAD') return;
  const chunks: Buffer[] = [];
  keepChunks(response, 'write', chunks);
  keepChunks(response, 'end', chunks);
  response.once('close', () => {
    // Nothing of it may have been sent: the client had gone.
    if (!response.headersSent) return;
    const text = Buffer.concat(chunks).toString();
    // Whoever asks under a condition gets HTTP's own answer, which has no body.
    if (response.statusCode === 304 && text === '') return;
    const path = url.split(/[?#]/, 1)[0] ?? '';
    const exchange = { method, path, status: response.statusCode, headers: response.getHeaders(), text };
    const found = contract.complaint(exchange);
    if (found !== undefined) complaints.add(found);
  });
}

function keepChunks(response: ServerResponse, name: 'write' | 'end', chunks: Buffer[]): void {
  const send = response[name].bind(response) as (...args: unknown[]) => never;
  response[name] = (...args: unknown[]) => {
    const [chunk] = args;
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) chunks.push(Buffer.from(chunk));
    return send(...args);
  };
}
