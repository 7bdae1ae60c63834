import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';
import type { Block } from './blocks.ts';

/** The languages of TypeScript's compiler, and the ending of a block that has no name of its own. */
export const ENDINGS: Readonly<Record<string, string>> = { ts: 'ts', js: 'js' };
const manifest = z
  .object({ exports: z.record(z.string(), z.union([z.string(), z.object({ default: z.string() })])) })
  .parse(JSON.parse(readFileSync('package.json', 'utf8')));

/** The entries of the package, `backstep` and below, and the source of each. */
export const ENTRIES: readonly (readonly [name: string, source: string])[] = Object.entries(manifest.exports)
  .map(([name, target]) => [name, typeof target === 'string' ? target : target.default] as const)
  .filter(([, target]) => target.endsWith('.js'))
  .map(([name, target]) => [name.replace('.', 'backstep'), target.replace('./dist/', 'src/').replace(/\.js$/, '.ts')]);

export interface Module {
  readonly path: string;
  readonly blocks: readonly Block[];
}

/** One folder a run, below the repository so that its packages are found, and in none of its own package's scope. */
export function makeFolder(): string {
  mkdirSync('.data', { recursive: true });
  const folder = resolve(mkdtempSync('.data/docs-'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  return folder;
}

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true });

/** The modules of a document: a block that continues is a part of the one before. */
export function modulesOf(blocks: readonly Block[]): readonly Module[] {
  const modules: { path: string; blocks: Block[] }[] = [];
  for (const block of blocks) {
    const ending = ENDINGS[block.language];
    if (ending === undefined || block.rule === 'not run') continue;
    const last = modules.at(-1);
    if (block.rule === 'continues' && last) last.blocks.push(block);
    else modules.push({ path: block.rule === 'file' ? block.detail : `line-${block.line}.${ending}`, blocks: [block] });
  }
  return modules;
}

/** Each block on its own lines of the document, so that what a compiler says is where a reader looks. */
export function textOf({ blocks }: Module): string {
  return blocks.reduce(
    (text, block) => text + '\n'.repeat(Math.max(0, block.line - text.split('\n').length)) + block.text,
    '',
  );
}

export function writeModule(folder: string, module: Module): string {
  return writeText(folder, module.path, `${textOf(module)}\n`);
}

export function writeText(folder: string, path: string, text: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}
