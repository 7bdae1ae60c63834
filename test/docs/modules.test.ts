import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documents, readBlocks } from './blocks.ts';
import { ENTRIES, makeFolder, modulesOf, removeFolder, writeModule, writeText } from './modules.ts';

// What a reader copies has to compile, as strictly as this repository itself, with the library's own types.

/** What a reader's project has besides what the page says: their Prisma client, and a Nest application. */
const READERS = {
  'generated/client.ts': `export * from ${JSON.stringify(resolve('test/docs/shop-client.ts'))};`,
  'app.module.ts': 'export class AppModule {}',
};
const NEST = `
  declare module '@nestjs/common' {
    export class Logger {
      constructor(context: string);
      log(...message: unknown[]): void;
      warn(...message: unknown[]): void;
      error(...message: unknown[]): void;
      debug(...message: unknown[]): void;
    }
  }
  declare module '@nestjs/core' {
    export const NestFactory: {
      create(module: unknown): Promise<{ use(path: string, handler: unknown): void; listen(port: number): Promise<void> }>;
    };
  }
`;

let folder: string;

beforeAll(() => {
  folder = makeFolder();
});
afterAll(() => removeFolder(folder));

test('every TypeScript and JavaScript block compiles', () => {
  for (const file of documents()) {
    const here = join(folder, folderOf(file));
    for (const [path, text] of Object.entries(READERS)) writeText(here, path, text);
    for (const module of modulesOf(readBlocks(file))) writeModule(here, module);
  }
  writeText(folder, 'nest.d.ts', NEST);
  writeText(
    folder,
    'tsconfig.json',
    JSON.stringify({
      extends: resolve('tsconfig.json'),
      compilerOptions: {
        allowJs: true,
        checkJs: true,
        declaration: false,
        rewriteRelativeImportExtensions: false,
        allowImportingTsExtensions: true,
        // `process.env.NAME`, as everybody writes it.
        noPropertyAccessFromIndexSignature: false,
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
