import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import type { Queue } from 'bullmq';
import type { RequestHandler } from 'express';

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
export function bullBoard(queues: readonly Queue[]): RequestHandler {
  const serverAdapter = new BoardAdapter();
  serverAdapter.setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Backstep' } },
  });
  return serverAdapter.getRouter() as RequestHandler;
}
