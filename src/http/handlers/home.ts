import type { Reply, RouteRequest } from '../route.ts';

/** People are led to the console; programs are told where the documentation is (RFC 8631). */
export function home({ mount }: RouteRequest): Promise<Reply> {
  const link = `<${mount}/openapi.json>; rel="service-desc", <${mount}/docs>; rel="service-doc"`;
  return Promise.resolve({ status: 302, headers: { location: '/console', link } });
}
