import type { RequestListener } from 'node:http';
import { Writable } from 'node:stream';
import { pino } from 'pino';
import type { Response } from 'supertest';
import type { AppOptions } from '../../src/http/app.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import type { Route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import type { Runner } from '../../src/runner/interface.ts';
import { checkedApp } from './checked-app.ts';
import { recordingRunner, type Call } from './recording-runner.ts';

/** An app over a recording runner: what was asked of the runner, and what was logged. */
export interface TestApp {
  readonly app: RequestListener;
  readonly calls: Call[];
  readonly logged: () => Record<string, unknown>[];
}

export function testApp({
  overrides = {},
  routes = [],
  ...options
}: { overrides?: Partial<Runner>; routes?: readonly Route[] } & Pick<
  AppOptions,
  'access' | 'trustProxy'
> = {}): TestApp {
  const lines: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      lines.push(chunk.toString());
      done();
    },
  });
  const { runner, calls } = recordingRunner(overrides);
  const app = checkedApp({ ...options, runner, routes, log: pino({ level: 'debug' }, stream) });
  return { app, calls, logged: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

/** Every response is a problem document in full, and its status is the expected one. */
export function expectProblem(response: Response, status: number, code: string): void {
  expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(response.body).toMatchObject({ type: 'about:blank', status, code });
  expect(response.status).toBe(status);
  expect(typeof (response.body as { detail: unknown }).detail).toBe('string');
  const { method, url } = response.request as { method: string; url: string };
  const statuses = documentedStatuses(method.toLowerCase(), new URL(url).pathname);
  if (statuses !== undefined) expect(statuses).toContain(String(status));
}

/** The route of the library that answers, if one does. */
export function matching(method: string, path: string): Route | undefined {
  const matches = (route: Route) => new RegExp(`^${route.path.replaceAll(/:\w+/g, '[^/]+')}$`).test(path);
  return ROUTES.find((route) => route.method === method && matches(route));
}

function documentedStatuses(method: string, path: string): string[] | undefined {
  const route = matching(method, path);
  if (route === undefined) return undefined;
  const { paths } = openApiDocument([route]) as { paths: Record<string, Record<string, { responses: object }>> };
  return Object.keys(Object.values(paths)[0]?.[method]?.responses ?? {});
}

export const errorsOf = (response: Response) => (response.body as { errors: { in: string; pointer: string }[] }).errors;
