/** Where things are. Every link made from data is built here. */
import { ROOT_URL } from '../api/root.ts';

export const CONSOLE_URL = `${ROOT_URL}/console`;

/** This and the next three are below `CONSOLE_URL`. */
export const LOGIN_PATH = '/login';

export const sagaPath = (sagaId: string): string => `/sagas/${encodeURIComponent(sagaId)}`;

export const taskPath = (taskId: string): string => `/inbox/${encodeURIComponent(taskId)}`;

export const startPath = (type: string): string => `/start/${encodeURIComponent(type)}`;

export const BOARD_URL = `${ROOT_URL}/admin/queues`;

export const DOCS_URL = `${ROOT_URL}/docs`;

export const queueUrl = (queue: string): string => `${BOARD_URL}/queue/${encodeURIComponent(queue)}`;

export const jobUrl = (queue: string, id: string): string => `${queueUrl(queue)}/${encodeURIComponent(id)}`;

/** Where to go after the login: a page of the console or of Bull Board, as a whole path. Anything else would lead away. */
export function safeNext(next: string | null, origin: string): string {
  if (next === null || !URL.canParse(next, origin)) return CONSOLE_URL;
  const url = new URL(next, origin);
  const isOurs = [CONSOLE_URL, BOARD_URL].some((path) => url.pathname === path || url.pathname.startsWith(`${path}/`));
  if (url.origin !== origin || !isOurs || url.pathname.startsWith(CONSOLE_URL + LOGIN_PATH)) return CONSOLE_URL;
  return url.pathname + url.search;
}
