import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/** Posts JSON to one URL over connections that are kept alive. */
export function httpPosts<R>(url: string): { post(body: object): Promise<R>; close(): void } {
  const agent = new Agent({ keepAlive: true });
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const post = async (body: object) => {
    const call = request(url, { agent, method: 'POST', headers });
    call.end(JSON.stringify(body));
    const [response] = (await once(call, 'response')) as [IncomingMessage];
    const answer = await text(response);
    const { statusCode = 0 } = response;
    if (statusCode >= 300) throw new Error(`${url} answered ${statusCode}: ${answer}`);
    return JSON.parse(answer) as R;
  };
  return { post, close: () => agent.destroy() };
}
