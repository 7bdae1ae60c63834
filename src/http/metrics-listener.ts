import type { RequestListener, ServerResponse } from 'node:http';
import type { Exposition } from '../metrics/exposition.ts';

/** `/metrics` and `/healthz` of a process that has no API. */
export function metricsListener(metrics: Exposition): RequestListener {
  const answers: Readonly<Record<string, () => Promise<{ readonly type: string; readonly body: string }>>> = {
    '/metrics': async () => ({ type: metrics.contentType, body: await metrics.text() }),
    '/healthz': () => Promise.resolve({ type: 'application/json', body: JSON.stringify({ status: 'ok' }) }),
  };
  return ({ url = '/', method }, response) => {
    const [path = '/'] = url.split('?');
    const answer = Object.hasOwn(answers, path) ? answers[path] : undefined;
    if (!answer) return send(response, 404, 'text/plain', 'There is /metrics and /healthz\n');
    if (method !== 'GET' && method !== 'HEAD') return send(response, 405, 'text/plain', 'Only GET\n');
    answer().then(
      ({ type, body }) => send(response, 200, type, body),
      (error: unknown) => response.destroy(error instanceof Error ? error : undefined),
    );
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}
