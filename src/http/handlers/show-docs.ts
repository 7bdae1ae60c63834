import type { Document } from '../docs/document.ts';
import { docsPage } from '../docs/page.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

/** The page for the mount that was asked for last: one that has parameters is somewhere else each time. */
const pages = new WeakMap<object, { readonly mount: string; readonly page: string }>();

/** The OpenAPI document for people. */
export function showDocs({ mount }: RouteRequest, { openApi }: Services): Promise<Reply> {
  const kept = pages.get(openApi);
  const page = kept?.mount === mount ? kept.page : docsPage(openApi as Document, mount);
  pages.set(openApi, { mount, page });
  return Promise.resolve({ status: 200, body: page, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
