import type { Reply, RouteRequest, Services } from '../route.ts';

export function showOpenApi({ mount }: RouteRequest, { openApi }: Services): Promise<Reply> {
  const servers = mount === '' ? {} : { servers: [{ url: mount }] };
  return Promise.resolve({ status: 200, body: { ...openApi, ...servers } });
}
