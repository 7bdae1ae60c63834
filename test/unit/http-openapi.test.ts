import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { openApiDocument } from '../../src/http/openapi.ts';
import { route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';

type Operation = {
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean };
  responses: Record<string, unknown>;
};
type Document = { paths: Record<string, Record<string, Operation>>; components: { schemas: Record<string, unknown> } };

const document = openApiDocument(ROUTES) as Document;
const openApiPath = (path: string) => path.replaceAll(/:(\w+)/g, '{$1}');

test.each(ROUTES.map(({ method, path }) => [method, path] as const))('%s %s is documented', (method, path) => {
  const documented = document.paths[openApiPath(path)]?.[method];
  const named = (documented?.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  expect(named).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  const route = ROUTES.find((one) => one.method === method && one.path === path);
  expect(Object.keys(documented?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(route?.responses ?? {})));
});

test('every reference leads to a component', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
  expect(references).toContain('#/components/schemas/Problem');
  const names = Object.keys(document.components.schemas).map((name) => `#/components/schemas/${name}`);
  expect(names).toEqual(expect.arrayContaining(references));
});

test('a body is required unless its schema takes none', () => {
  expect(document.paths['/api/sagas/{type}']?.['post']?.requestBody?.required).toBe(true);
  const retry = document.paths['/api/sagas/{sagaId}/compensations/{step}/retry']?.['post'];
  expect(retry?.requestBody?.required).toBe(false);
});

test('the routes of saga modules are documented too', () => {
  const own = route({
    method: 'post',
    path: '/api/orders/purchase',
    role: 'starter',
    summary: 'Buy a plan',
    body: z.object({ planId: z.string() }).meta({ id: 'Purchase' }),
    responses: { 202: { description: 'Accepted' } },
    handler: () => Promise.resolve({ status: 202 }),
  });
  const { paths, components } = openApiDocument([...ROUTES, own]) as Document;
  expect(paths['/api/orders/purchase']).toHaveProperty('post.responses.202');
  expect(components.schemas).toHaveProperty('Purchase.properties.planId');
});

test('openapi.json is current; `npm run openapi` writes it', async () => {
  const file = await readFile(new URL('../../openapi.json', import.meta.url), 'utf8');
  expect(JSON.parse(file)).toEqual(document);
});
