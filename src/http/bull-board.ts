import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router, type RequestHandler } from 'express';
import type { Runner } from '../runner.ts';
import { answers } from './ping.ts';
import { HttpError } from './route.ts';

export const BOARD_PATH = '/admin/queues';

/** Its page asks Google for a font: refused by our content security policy, and not needed. */
const FOREIGN_FONT = /<link[^>]+fonts\.googleapis\.com[^>]*>/;

class BoardAdapter extends ExpressAdapter {
  override setEntryRoute({ method, route, handler }: Parameters<ExpressAdapter['setEntryRoute']>[0]): this {
    this.app[method](route, (_request, response, next) => {
      const { name, params } = handler({ basePath: this.basePath, uiConfig: this.uiConfig });
      response.render(name, params, (error, html) =>
        error ? next(error) : response.send(html.replace(FOREIGN_FONT, '')),
      );
    });
    return this;
  }

  /** Without the stack that Bull Board sends along in development. */
  override setErrorHandler(handle: Parameters<ExpressAdapter['setErrorHandler']>[0]): this {
    return super.setErrorHandler((error) => {
      const { status, body } = handle(error);
      const { details: _stack, ...rest } = body as { details?: unknown };
      return { ...(status === undefined ? {} : { status }), body: rest };
    });
  }
}

/** Bull Board over the queues, to be mounted at `BOARD_PATH`. */
export function bullBoard(queues: Runner['queues']): RequestHandler {
  const serverAdapter = new BoardAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.list().map((queue) => new BullMQAdapter(queue)),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Backstep' } },
  });
  return Router()
    .use('/api', refuseWithout(queues))
    .use(serverAdapter.getRouter() as RequestHandler);
}

/** While the queues are away BullMQ waits for them, and the dashboard's requests would with it. */
function refuseWithout(queues: Runner['queues']): RequestHandler {
  return async (_request, _response, next) => {
    if (await answers(() => queues.ping())) return next();
    throw new HttpError(503, 'QUEUES_UNAVAILABLE', 'The queues are out of reach');
  };
}
