import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { QueueJobJson } from '@bull-board/api/typings/app';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express';
import { redact } from '../core/redact.ts';
import type { Runner } from '../runner/interface.ts';
import type { BoardRunner } from './board/guard.ts';
import { ELSEWHERE, boardGuard } from './board/guard.ts';
import { LOGO, LOGO_PATH, uiConfig } from './board/look.ts';
import { principalOf } from './access/principal.ts';
import { sagaLink, sagaOf } from './board/target.ts';
import { boardFailure, boardProblems } from './board/problems.ts';
import { mountOf } from './mount.ts';
import { answers } from './ping.ts';
import { PROBLEM_TYPE, toProblem } from './problem.ts';
import { noteError } from './request-log.ts';
import { refused } from './refusals.ts';

export const BOARD_PATH = '/admin/queues';

/** Its page asks Google for a font: refused by our content security policy, and not needed. */
const FOREIGN_FONT = /<link[^>]+fonts\.googleapis\.com[^>]*>/;

class BoardAdapter extends ExpressAdapter {
  override setEntryRoute({ method, route, handler }: Parameters<ExpressAdapter['setEntryRoute']>[0]): this {
    this.app[method](route, (request, response, next) => {
      const mount = mountOf(request as Request);
      const basePath = mount + BOARD_PATH;
      const { name, params } = handler({ basePath, uiConfig: uiConfig(mount, basePath) });
      response.render(name, params, (error, html) =>
        error ? next(error) : response.send(html.replace(FOREIGN_FONT, '')),
      );
    });
    return this;
  }

  /** Without the stack that Bull Board sends along in development. */
  override setErrorHandler(handle: Parameters<ExpressAdapter['setErrorHandler']>[0]): this {
    return super.setErrorHandler((error) => boardFailure(error, handle));
  }
}

/**
 * Bull Board over the queues, to be mounted at `BOARD_PATH` behind whoever lets viewers in. What it may change is in
 * `board/actions.ts`; who is no operator gets a board without buttons.
 */
export function bullBoard(runner: BoardRunner): RequestHandler {
  const forOperators = board(runner, false);
  const forViewers = board(runner, true);
  return Router()
    .get(LOGO_PATH, (_request, response) => void response.type('svg').send(LOGO))
    .use(boardProblems)
    .use('/api', refuseWithout(runner.queues), boardGuard(runner))
    .use((request, response, next) =>
      (principalOf(response)?.role === 'operator' ? forOperators : forViewers)(request, response, next),
    )
    .use('/api', answerRefusal) as RequestHandler;
}

function board({ queues, definitions }: BoardRunner, readOnlyMode: boolean): RequestHandler {
  const redacted = [...definitions.values()].flatMap(({ redact: paths }) => paths);
  const serverAdapter = new BoardAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.list().map((queue) => boardQueue(queue, readOnlyMode, redacted)),
    serverAdapter,
  });
  return serverAdapter.getRouter() as RequestHandler;
}

function boardQueue(queue: Queue, readOnlyMode: boolean, redacted: readonly string[]): BullMQAdapter {
  const options = {
    readOnlyMode,
    // Missing in the type of the options.
    allowCompletedRetries: false,
    externalJobUrl: ({ data }: QueueJobJson) => {
      const sagaId = sagaOf(data);
      // Its type wants a link; its pages do without.
      return sagaId === undefined ? (undefined as never) : { href: sagaLink(sagaId), displayText: 'Open saga ↗' };
    },
  };
  const adapter = new BullMQAdapter(queue, options);
  adapter.setFormatter('data', (data: unknown) => hidePersonal(data, redacted));
  return adapter;
}

/** Jobs of sagas carry names only. An event may tell what any of the sagas knows. */
function hidePersonal(data: unknown, paths: readonly string[]): unknown {
  if (typeof data !== 'object' || data === null || !('payload' in data)) return data;
  return { ...data, payload: redact(data.payload, paths) };
}

/** While the queues are away BullMQ waits for them, and the dashboard's requests would with it. */
function refuseWithout(queues: Runner['queues']): RequestHandler {
  return async (_request, _response, next) => {
    if (await answers(() => queues.ping())) return next();
    throw refused('QUEUES_UNAVAILABLE', 'The queues are out of reach');
  };
}

/** A problem document, with the two fields that Bull Board's pages show. */
const answerRefusal: ErrorRequestHandler = (error: unknown, _request, response, next) => {
  const { status, headers, body } = toProblem(error);
  if (status >= 500) noteError(response, error);
  if (response.headersSent) return next(error);
  response.status(status).set({ 'cache-control': 'no-store', ...headers });
  response
    .type(PROBLEM_TYPE)
    .send(
      JSON.stringify({ ...body, error: body.code === ELSEWHERE ? 'Not done here' : body.title, message: body.detail }),
    );
};
