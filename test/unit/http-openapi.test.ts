import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lint, loadConfig } from '@redocly/openapi-core';
import { z } from 'zod';
import { openApiDocument } from '../../src/http/openapi.ts';
import { route } from '../../src/http/route.ts';
import { ROUTES } from '../../src/http/routes.ts';
import { schemaOf } from '../../src/http/schema-of.ts';
import { createContract } from '../support/contract.ts';
import { billingRoutes } from '../support/billing-routes.ts';

type Operation = {
  parameters?: { name: string; in: string; required: boolean }[];
  requestBody?: { required: boolean };
  responses: Record<string, unknown>;
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: Record<'schemas' | 'headers' | 'examples', Record<string, unknown>>;
};

const document = openApiDocument(ROUTES) as Document;
const pathOf = (path: string) => new URL(path, import.meta.url);

test.each(ROUTES.map((row) => [row.method, row.path, row] as const))('%s %s is documented', (method, path, row) => {
  const { paths } = openApiDocument([row]) as Document;
  const documented = paths[path.replaceAll(/:(\w+)/g, '{$1}')]?.[method];
  const named = (documented?.parameters ?? []).filter((parameter) => parameter.in === 'path').map(({ name }) => name);
  expect(named).toEqual([...path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  expect(Object.keys(documented?.responses ?? {})).toEqual(expect.arrayContaining(Object.keys(row.responses)));
});

const table = [...ROUTES, ...billingRoutes];

test('each operation has a name of its own, a tag and a summary', () => {
  const names = table.map(({ name }) => name);
  expect(new Set(names).size).toBe(table.length);
  for (const { name, tag, summary } of table)
    expect([name, tag?.name, summary]).toEqual([expect.any(String), expect.any(String), expect.any(String)]);
});

test.each(table.map((row) => [row.name, row] as const))('%s has an example that its schemas take', (_name, row) => {
  const { params, query, headers, body, example } = row;
  expect(example).toBeDefined();
  expect(params?.safeParse(example?.params).success ?? true).toBe(true);
  expect(query?.safeParse(example?.query ?? {}).success ?? true).toBe(true);
  expect(headers?.safeParse(example?.headers ?? {}).success ?? true).toBe(true);
  expect(body?.safeParse(example?.body).success ?? true).toBe(true);
});

test.each(table.map((row) => [row.name, row] as const))('each answer of %s has an example', (_name, { responses }) => {
  for (const [status, { schema, type, example }] of Object.entries(responses))
    if (Number(status) < 400 && (schema ?? type) !== undefined)
      expect([status, example]).not.toEqual([status, undefined]);
});

test('the examples of answers are what their schemas say, and no member more', () => {
  expect(createContract(table).exampleComplaints()).toEqual([]);
});

test('two routes of one shape are one path, although they call its parameter differently', () => {
  expect(Object.keys(document.paths['/api/sagas/{typeOrSagaId}'] ?? {}).sort()).toEqual(['get', 'post']);
});

test('the linter finds nothing', async () => {
  const config = await loadConfig({ configPath: fileURLToPath(pathOf('../../redocly.yaml')) });
  const problems = await lint({ ref: fileURLToPath(pathOf('../../openapi.json')), config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual([]);
});

test('a schema that is not exactly its view does not compile', () => {
  interface View {
    readonly names: readonly string[];
    readonly count?: number;
  }
  const names = z.array(z.string());
  const count = z.int().exactOptional();
  expect(schemaOf<View>()(z.object({ names, count })).safeParse({ names: [] }).success).toBe(true);
  // @ts-expect-error a member too many
  schemaOf<View>()(z.object({ names, count, more: z.string() }));
  // @ts-expect-error one too few, although nobody needs it
  schemaOf<View>()(z.object({ names }));
  // @ts-expect-error another type
  schemaOf<View>()(z.object({ names: z.array(z.string().nullable()), count }));
});

test('every reference leads to a component', () => {
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target]) => target);
  expect(references).toContain('#/components/schemas/Problem');
  const names = Object.entries(document.components).flatMap(([kind, parts]) =>
    Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
  );
  expect(names).toEqual(expect.arrayContaining(references));
});

test('a body is required unless its schema takes none', () => {
  expect(document.paths['/api/sagas/{typeOrSagaId}']?.['post']?.requestBody?.required).toBe(true);
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
