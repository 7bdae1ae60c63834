import type { Reply, RouteRequest, Services } from '../route.ts';

export function showOpenApi(_request: RouteRequest, { openApi }: Services): Promise<Reply> {
  return Promise.resolve({ status: 200, body: openApi });
}
