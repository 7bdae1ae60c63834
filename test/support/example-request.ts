import type { RequestListener } from 'node:http';
import request from 'supertest';
import type { Route } from '../../src/http/route.ts';

export interface Changes {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of the example's body. */
  readonly body?: object | string;
}

/** Sends the example of a route, changed here and there. Of a stream the answer comes with the first event. */
export function sendExample(app: RequestListener | string, route: Route, changes: Changes = {}): request.Test {
  const { method, path, example = {} } = route;
  const params = { ...example.params, ...changes.params };
  const filled = path.replaceAll(/:(\w+)/g, (_all, name: string) => encodeURIComponent(params[name] ?? ''));
  const query = changes.query ?? String(new URLSearchParams(example.query ?? {}));
  const body = changes.body ?? example.body;
  const url = query === '' ? filled : `${filled}?${query}`;
  const asked = request(app);
  const test = asked[method](url)
    .set({ ...example.headers, ...changes.headers })
    .redirects(0);
  const sent = body === undefined ? test : test.send(body as object);
  return path.endsWith('/stream') ? sent.buffer(true).parse(untilFirstEvent) : sent;
}

const untilFirstEvent: Parameters<request.Test['parse']>[0] = (response, done) => {
  // The type of the response is the browser's.
  const stream = response as unknown as NodeJS.ReadableStream & { destroy(): void };
  let text = '';
  stream.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (!/\ndata: .*\n\n/.test(text)) return;
    done(null, text);
    stream.destroy();
  });
  stream.on('end', () => done(null, text));
};
