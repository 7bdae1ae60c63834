import { BOARD_PATH } from '../../src/http/bull-board.ts';
import { suffices } from '../../src/http/access/principal.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { PROBLEM_TYPE } from '../../src/http/problem.ts';
import type { Route } from '../../src/http/route.ts';
import { problemDocument } from '../../src/http/views.ts';
import type { Draft } from './requests.ts';
import type { Answer } from './wire.ts';

/** What is wrong with an answer; undefined where it is as it should be. */
export type Judge = (draft: Draft, answer: Answer) => string | undefined;

/** Refusals that come before any route. */
const EVERYWHERE: readonly string[] = [
  'MALFORMED_REQUEST',
  'MALFORMED_URL',
  'HEADERS_TOO_LARGE',
  'UNKNOWN_ROUTE',
  'METHOD_NOT_ALLOWED',
  'CROSS_SITE_REQUEST',
];

/** What the inside of a program looks like. Nothing that is sent has any of it. */
const INSIDES: readonly RegExp[] = [
  /\n\s+at \S+ ?\(?.*:\d+:\d+/,
  /node_modules|node:internal|\/src\/|file:\/\/\/|\.ts:\d/,
  /prisma|\$queryRaw|\$executeRaw/i,
  /saga_state|saga_step|operator_task|pg_catalog|SQLSTATE/,
  /syntax error at or near|invalid input syntax|out of range for type|unsupported Unicode/,
  /ECONNREFUSED|WRONGTYPE|Command failed|ReplyError/,
];

export function judgeOf(table: readonly Route[]): Judge {
  const documented = new Map(table.map((route) => [route, codesOf(route)]));
  return (draft, answer) => {
    const route = routeOf(table, draft);
    const codes = (route === undefined ? undefined : documented.get(route)) ?? [];
    return (
      general(answer) ??
      unearned(route, draft, answer) ??
      (answer.status < 400 ? accepted(route, draft, answer) : refused(draft, answer, codes))
    );
  };
}

function general({ status, type, headers, text }: Answer): string | undefined {
  if (status >= 500) return `${status}: nothing that is sent may come to that`;
  const inside = INSIDES.find((pattern) => pattern.test(text));
  if (inside !== undefined) return `it shows its insides: ${String(inside.exec(text)?.[0])}`;
  if (headers.some(([name]) => name.startsWith('x-injected'))) return 'a header was injected';
  if (type.startsWith('text/html') && /<script>hostile|<img src=x|<svg\/onload/.test(text))
    return 'a page has our markup';
  if (!headers.some(([name, value]) => name === 'x-content-type-options' && value === 'nosniff'))
    return 'it does not say nosniff';
  return undefined;
}

const READS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/** Whether somebody was let in whose role is not enough. */
function unearned(route: Route | undefined, { method, target, sender }: Draft, { status }: Answer): string | undefined {
  if (status >= 300 && status !== 304) return undefined;
  const ofBoard = READS.includes(method) ? 'viewer' : 'operator';
  const needed = isOfTheBoard(target) ? ofBoard : isOfTheConsole(target) ? 'viewer' : (route?.role ?? 'public');
  if (needed === 'public' || (sender.role !== undefined && suffices(sender.role, needed))) return undefined;
  return `${status} for ${sender.role ?? 'nobody'}, where it takes ${needed}`;
}

function accepted(route: Route | undefined, { method }: Draft, { status, type, text }: Answer): string | undefined {
  if (route === undefined || status >= 300 || method === 'HEAD') return undefined;
  const response = route.responses[status];
  if (response === undefined) return `${route.method} ${route.path} does not document ${status}`;
  if (response.schema === undefined || !type.startsWith('application/json')) return undefined;
  const { success, error } = response.schema.safeParse(parsed(text));
  return success ? undefined : `its answer is not what it documents: ${error.message}`;
}

function refused({ method, target }: Draft, { status, type, text }: Answer, codes: readonly string[]) {
  if (method === 'HEAD') return undefined;
  if (!type.startsWith(PROBLEM_TYPE)) return `${status} as ${type}, expected ${PROBLEM_TYPE}`;
  const { success, data, error } = problemDocument.safeParse(parsed(text));
  if (!success) return `it is no problem document: ${error.message}`;
  if (data.status !== status) return `the document says ${data.status}, the answer ${status}`;
  if (EVERYWHERE.includes(data.code) || isOfTheBoard(target) || isOfTheConsole(target)) return undefined;
  return codes.includes(`${status} ${data.code}`) ? undefined : `${data.code} with ${status} is not documented`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As Express finds it: the first that fits, whatever the case, with a slash at the end or not. */
function routeOf(table: readonly Route[], { method, target }: Draft): Route | undefined {
  const path = pathOf(target);
  const name = method === 'HEAD' ? 'get' : method.toLowerCase();
  return table.find((route) => route.method === name && patternOf(route.path).test(path));
}

const pathOf = (target: string) => target.replace(/^http:\/\/[^/]+/, '').split(/[?#]/, 1)[0] ?? '';
const isOfTheBoard = (target: string) => pathOf(target).toLowerCase().startsWith(BOARD_PATH);
/** But for what the login needs. */
const isOfTheConsole = (target: string) => /^\/console(?!\/login|\/assets)/i.test(pathOf(target));
const patternOf = (path: string) => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+').replaceAll('.', '\\.')}/?$`, 'i');

/** `409 WRONG_STATE`: each code that the document of a route names, with its status. */
function codesOf(route: Route): readonly string[] {
  const { paths } = openApiDocument([route]) as {
    paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>;
  };
  const operations = Object.values(paths).flatMap((path) => Object.values(path));
  return operations.flatMap(({ responses }) =>
    Object.entries(responses).flatMap(([status, { description }]) =>
      [...description.matchAll(/\b[A-Z][A-Z_]{4,}\b/g)].map(([code]) => `${status} ${code}`),
    ),
  );
}
