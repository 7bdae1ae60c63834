import express from 'express';
import request from 'supertest';
import { BOARD_PATH, bullBoard } from '../../src/http/bull-board.ts';
import type { BoardRunner } from '../../src/http/board/guard.ts';
import type { Principal } from '../../src/http/board/principal.ts';

/** The dashboard as a person with a role has it in his browser. */
export interface BoardClient {
  get(path: string): request.Test;
  send(method: 'put' | 'post' | 'patch', path: string): request.Test;
}

/** @param name Of the person's key. */
export function boardClient(runner: BoardRunner, role: Principal['role'], name: string): BoardClient {
  const app = express()
    .use((asked, _response, next) => {
      Object.assign(asked, { principal: { name, role } satisfies Principal });
      next();
    })
    .use(BOARD_PATH, bullBoard(runner));
  const send: BoardClient['send'] = (method, path) => request(app)[method](`${BOARD_PATH}/api${path}`);
  return { get: (path) => request(app).get(`${BOARD_PATH}${path}`), send };
}
