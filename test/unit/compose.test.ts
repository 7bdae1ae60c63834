import { readFile } from 'node:fs/promises';
import { beforeAll, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../src/config.ts';

// Whether Docker takes the file is not asked here: only that what it says of Backstep is true.

const service = z.object({ command: z.array(z.string()).optional(), environment: z.record(z.string(), z.string()) });
let environments: ReadonlyMap<string, Readonly<Record<string, string>>>;

beforeAll(async () => {
  const { services } = z
    .object({ services: z.record(z.string(), service.partial()) })
    .parse(parse(await readFile('docker-compose.yml', 'utf8'), { merge: true }));
  environments = new Map(Object.entries(services).map(([name, { environment = {} }]) => [name, environment]));
});

test('the API does not start without keys, and has what the others have', () => {
  const { API_KEYS: keys, SESSION_SECRET: secret, ...shared } = environments.get('api') ?? {};
  expect(keys).toMatch(/^\$\{API_KEYS:\?.+\}$/);
  expect(secret).toBe('${SESSION_SECRET:-}');
  expect(shared).toEqual(environments.get('worker'));
});

test('what is set is taken', () => {
  const { API_KEYS: _keys, SESSION_SECRET: _secret, ...shared } = environments.get('api') ?? {};
  expect(readConfig({ ...shared, API_KEYS: 'a:operator', SESSION_SECRET: '' }).apiKeys).toHaveLength(1);
});
