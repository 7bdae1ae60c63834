import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Starts over connections that are kept alive. */
export function httpStarts(url: string): { start(): Promise<string>; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const start = async () => {
    const call = request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json' } });
    call.end('{}');
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const body = await text(response);
    if (response.statusCode !== 202) throw new Error(`The API answered ${response.statusCode}: ${body}`);
    return (JSON.parse(body) as { sagaId: string }).sagaId;
  };
  return { start, close: () => agent.destroy() };
}
