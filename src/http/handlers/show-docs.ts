import type { Document } from '../docs/document.ts';
import { docsPage } from '../docs/page.ts';
import type { Reply, RouteRequest, Services } from '../route.ts';

const pages = new WeakMap<object, Map<string, string>>();

/** The OpenAPI document for people. */
export function showDocs({ mount }: RouteRequest, { openApi }: Services): Promise<Reply> {
  const ofDocument = pages.get(openApi) ?? new Map<string, string>();
  pages.set(openApi, ofDocument);
  const page = ofDocument.get(mount) ?? docsPage(openApi as Document, mount);
  ofDocument.set(mount, page);
  return Promise.resolve({ status: 200, body: page, headers: { 'content-type': 'text/html; charset=utf-8' } });
}
