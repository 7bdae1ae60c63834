import type { Reply } from '../route.ts';

export function home(): Promise<Reply> {
  return Promise.resolve({ status: 302, headers: { location: '/console' } });
}
