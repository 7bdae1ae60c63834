import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const STATIC = /^(?:import|export)\s+(?!type\b)(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm;

/** Everything that is loaded with a file, before anything in it runs: its files, and the packages they name. */
async function loadedWith(file: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const source = await readFile(file, 'utf8');
  for (const [, name = ''] of source.matchAll(STATIC))
    if (name.startsWith('.')) await loadedWith(join(file, '..', name), seen);
    else seen.add(name);
  return seen;
}

test('the walk finds what is imported', async () => {
  const loaded = await loadedWith('src/cli/commands/api.ts');
  for (const name of ['bullmq', 'express', 'src/runner.ts']) expect(loaded).toContain(name);
});

test('a verb starts without the runner, Prisma, BullMQ and Express', async () => {
  const loaded = await loadedWith('src/main.ts');
  const files = [...loaded].filter((name) => name.startsWith('src/'));
  expect(files.length).toBeGreaterThan(20);
  expect([...loaded].filter((name) => !name.startsWith('src/') && !name.startsWith('node:'))).toEqual(['zod']);
  const outside = files.filter((name) => !/^src\/cli\/((client|output|verbs)\/)?[\w-]+\.ts$/.test(name)).sort();
  expect(outside).toEqual([
    'src/api-keys.ts',
    'src/config.ts',
    'src/core/notice.ts',
    'src/core/status.ts',
    'src/environment/client-variables.ts',
    'src/environment/kinds.ts',
    'src/environment/near-miss.ts',
    'src/environment/variables.ts',
    'src/example/example.ts',
    'src/main.ts',
    'src/startup-error.ts',
  ]);
  for (const file of files.filter((name) => name.startsWith('src/cli/verbs/')))
    expect(await readFile(file, 'utf8')).not.toMatch(/\bimport\(/);
});
