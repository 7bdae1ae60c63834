import express from 'express';
import request from 'supertest';
import { BOARD_PATH, bullBoard } from '../../src/http/bull-board.ts';
import type { BoardRunner } from '../../src/http/board/guard.ts';
import type { ApiRole } from '../../src/api-keys.ts';
import { rememberPrincipal } from '../../src/http/access/principal.ts';

/** The dashboard as a person with a role has it in his browser. */
export interface BoardClient {
  get(path: string): request.Test;
  send(method: 'put' | 'post' | 'patch', path: string): request.Test;
}

/** @param name Of the person's key. */
export function boardClient(runner: BoardRunner, role: ApiRole, name: string): BoardClient {
  const app = express()
    .use((_request, response, next) => {
      rememberPrincipal(response, { kind: 'key', name, role, keyId: name });
      next();
    })
    .use(BOARD_PATH, bullBoard(runner));
  const send: BoardClient['send'] = (method, path) => request(app)[method](`${BOARD_PATH}/api${path}`);
  return { get: (path) => request(app).get(`${BOARD_PATH}${path}`), send };
}
