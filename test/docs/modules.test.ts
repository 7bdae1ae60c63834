import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documents, readBlocks } from './blocks.ts';
import { ENTRIES, makeFolder, modulesOf, removeFolder, writeModule, writeText } from './modules.ts';

// What a reader copies has to compile, as strictly as this repository itself, with the library's own types.

let folder: string;

beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

test('every TypeScript and JavaScript block compiles', () => {
  for (const file of documents())
    for (const module of modulesOf(readBlocks(file))) writeModule(join(folder, folderOf(file)), module);
  writeText(
    folder,
    'tsconfig.json',
    JSON.stringify({
      extends: resolve('tsconfig.json'),
      compilerOptions: {
        allowJs: true,
        checkJs: true,
        declaration: false,
        lib: ['es2023', 'dom'],
        // A page shows a part of a module.
        noUnusedLocals: false,
        noUnusedParameters: false,
        moduleDetection: 'force',
        paths: Object.fromEntries(ENTRIES.map(([name, path]) => [name, [resolve(path)]])),
        typeRoots: [resolve('node_modules/@types')],
      },
      include: ['.', resolve('test/docs/assumed.ts')],
    }),
  );
  const { stdout, stderr } = spawnSync(
    process.execPath,
    ['node_modules/typescript/bin/tsc', '-p', folder, '--pretty', 'false'],
    {
      encoding: 'utf8',
    },
  );
  expect(told(stdout + stderr)).toBe('');
});

/** `docs/a.md` and its blocks have a folder of this name. */
const folderOf = (file: string) => file.replaceAll(/[^a-z]+/gi, '-');

/** Without the way to our folder. */
const told = (text: string) => text.replaceAll(/^.*docs-\w+\//gm, '').trim();
