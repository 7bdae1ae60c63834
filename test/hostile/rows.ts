import { appRoutes } from '@bull-board/api/dist/routes.js';
import { z } from 'zod';
import { BOARD_PATH } from '../../src/http/bull-board.ts';
import type { SagaDefinition } from '../../src/index.ts';
import type { Route } from '../../src/http/route.ts';
import type { Row } from './requests.ts';

/** Everything that is served: the route table, Bull Board's own, and what may be beside them. */
export function rowsOf(table: readonly Route[], definitions: readonly SagaDefinition[]): readonly Row[] {
  const inputs = definitions.map(({ input }) => input);
  return [...table.map((route) => rowOf(route, inputs)), ...boardRows(), ...OTHER_ROWS];
}

/** What starts sagas of any type gets the inputs of all of them. */
function rowOf({ method, path, params, query, body }: Route, inputs: readonly z.ZodType[]): Row {
  const startsAny = path.endsWith('/:type');
  const bodies = body === undefined ? [] : startsAny ? [body, ...inputs] : [body];
  return { weight: 2, method: method.toUpperCase(), path, params, query, bodies };
}

const boardQuery = z.object({
  activeQueue: z.string().optional(),
  page: z.int().optional(),
  jobsPerPage: z.int().optional(),
  status: z.enum(['active', 'failed', 'latest', 'waiting', 'completed', 'delayed', 'paused']).optional(),
  start: z.int().optional(),
  end: z.int().optional(),
});

const boardBody = z.object({
  name: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  options: z.record(z.string(), z.unknown()).optional(),
  jobData: z.record(z.string(), z.unknown()).optional(),
  concurrency: z.number().optional(),
  max: z.number().optional(),
  duration: z.number().optional(),
  priority: z.number().optional(),
});

function boardRows(): readonly Row[] {
  const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);
  const { api, entryPoint } = appRoutes;
  return [...api, entryPoint].flatMap(({ method, route }) =>
    list(method).flatMap((name) =>
      list(route).map((path) => ({
        weight: 1,
        method: name.toUpperCase(),
        path: BOARD_PATH + path,
        query: boardQuery,
        bodies: name === 'get' ? [] : [boardBody],
      })),
    ),
  );
}

const OTHER_ROWS: readonly Row[] = [
  { weight: 1, method: 'GET', path: '/:path', bodies: [] },
  { weight: 1, method: 'POST', path: '/api/:path', bodies: [z.record(z.string(), z.unknown())] },
  { weight: 1, method: 'GET', path: `${BOARD_PATH}/static/:path`, bodies: [] },
  { weight: 1, method: 'GET', path: '/console/:path', bodies: [] },
  { weight: 1, method: 'GET', path: '/console/assets/:path', bodies: [] },
];
