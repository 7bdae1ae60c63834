/** Where things are. Every link made from data is built here. */

export const LOGIN_PATH = '/login';

export const sagaPath = (sagaId: string): string => `/sagas/${encodeURIComponent(sagaId)}`;

export const taskPath = (taskId: string): string => `/inbox/${encodeURIComponent(taskId)}`;

export const startPath = (type: string): string => `/start/${encodeURIComponent(type)}`;

export const BOARD_URL = '/admin/queues';

export const queueUrl = (queue: string): string => `${BOARD_URL}/queue/${encodeURIComponent(queue)}`;

export const jobUrl = (queue: string, id: string): string => `${queueUrl(queue)}/${encodeURIComponent(id)}`;

/** Where to go after the login: a place of the console, relative to it. Anything else would lead away from here. */
export function safeNext(next: string | null): string {
  const path = next?.startsWith('/console/') ? next.slice('/console'.length) : next;
  if (!path || !path.startsWith('/') || /^\/[/\\]/.test(path) || path.startsWith(LOGIN_PATH)) return '/';
  return path;
}
