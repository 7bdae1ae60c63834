import type { Reply, RouteRequest, Services } from '../route.ts';

export function showOpenApi({ mount }: RouteRequest, { openApi }: Services): Promise<Reply> {
  return Promise.resolve({ status: 200, body: { ...openApi, servers: [{ url: mount === '' ? '/' : mount }] } });
}
