import { definitionView } from '../definition-view.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

export function listDefinitions(_request: RouteRequest, { runner }: Services): Promise<Reply> {
  return Promise.resolve({ status: 200, body: { items: [...runner.definitions.values()].map(definitionView) } });
}
