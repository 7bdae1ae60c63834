import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { Router, type RequestHandler } from 'express';
import { mountOf } from './mount.ts';
import { refused } from './refusals.ts';

export const CONSOLE_PATH = '/console';

/** What `npm run build:console` makes; found from `src/http` and from `dist/http`. */
const BUILT = fileURLToPath(new URL('../../dist/console', import.meta.url));

/** The console's pages, to be mounted at `CONSOLE_PATH`. All paths are one page: where it is, the browser knows. */
export function consolePages(built: string = BUILT): RequestHandler {
  const assets = express.static(join(built, 'assets'), {
    immutable: true,
    maxAge: '1y',
    index: false,
    redirect: false,
  });
  return Router()
    .use(refuseWrites, refuseUnbuilt(built))
    .use('/assets', assets, refuseUnknownAssets)
    .use(sendPage(join(built, 'index.html')));
}

const refuseWrites: RequestHandler = ({ method, originalUrl }, _response, next) => {
  if (method === 'GET' || method === 'HEAD') return next();
  throw refused('METHOD_NOT_ALLOWED', `${originalUrl} does not take ${method}, only GET, HEAD`, {
    headers: { allow: 'GET, HEAD' },
  });
};

function refuseUnbuilt(built: string): RequestHandler {
  return (_request, _response, next) => {
    if (existsSync(join(built, 'index.html'))) return next();
    throw refused('CONSOLE_NOT_BUILT', 'The console is not built: run `npm run build:console`');
  };
}

/** An asset of a version that is gone. The page in its place would be taken for a script. */
const refuseUnknownAssets: RequestHandler = ({ originalUrl }) => {
  throw refused('UNKNOWN_ROUTE', `There is no ${originalUrl}`);
};

/** Whole, whatever part of it or under whatever condition it is asked for: it is small, and never kept. */
function sendPage(page: string): RequestHandler {
  return async (request, response) => {
    const text = await readFile(page, 'utf8');
    response
      .set('cache-control', 'no-store')
      .type('html')
      .send(pageAt(mountOf(request), text));
  };
}

/** The page is asked for at any depth, so its links are made whole; and it is told where the API is. */
function pageAt(mount: string, page: string): string {
  const root = mount.replaceAll(/[&"<>]/g, (character) => `&#${character.charCodeAt(0)};`);
  return page
    .replaceAll(/(?<=(?:href|src)=")\.\//g, () => `${root}${CONSOLE_PATH}/`)
    .replace(/(?<=name="backstep-root" content=")(?=")/, () => root);
}
