import { mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CliError } from './cli-error.ts';
import { EXIT } from './exit-codes.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const TEMPLATES = join(ROOT, 'starter');

export interface Starter {
  /** Of its package. */
  readonly name: string;
  /** Of Backstep, on which it depends. */
  readonly version: string;
}

/** The version of this Backstep. */
export async function ownVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  return version;
}

/**
 * Writes the starter into `folder`, which is made if it is not there: all of it, or nothing. Answers the files' paths in it.
 * Throws a `CliError` (conflict) that names what is there where the folder is not empty; an empty repository is.
 */
export async function writeStarter(folder: string, starter: Starter): Promise<readonly string[]> {
  await requireEmpty(folder);
  await mkdir(folder, { recursive: true });
  // In the folder itself: a rename from elsewhere could fail half-way for want of space.
  const staged = await mkdtemp(join(folder, '.backstep-'));
  try {
    const files = await fill(staged, starter);
    await moveInto(folder, staged);
    return files;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

async function requireEmpty(folder: string): Promise<void> {
  const there = (await entriesOf(folder)).filter((name) => name !== '.git');
  if (there.length === 0) return;
  const named = there.slice(0, 5).join(', ') + (there.length > 5 ? ` and ${there.length - 5} more` : '');
  throw new CliError(EXIT.conflict, `${folder} is not empty: there is ${named}`);
}

async function entriesOf(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR') throw new CliError(EXIT.conflict, `${folder} is a file`, { cause: error });
    throw error;
  }
}

/** Names that npm and tools would take for their own begin with `_` among the templates. */
async function fill(staged: string, { name, version }: Starter): Promise<readonly string[]> {
  const files: string[] = [];
  for (const entry of await readdir(TEMPLATES, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const source = join(entry.parentPath, entry.name);
    const path = join(
      relative(TEMPLATES, entry.parentPath),
      entry.name.replace(/^_(?=gitignore)/, '.').replace(/^_/, ''),
    );
    const text = (await readFile(source, 'utf8')).replaceAll('__NAME__', name).replaceAll('__VERSION__', version);
    await mkdir(dirname(join(staged, path)), { recursive: true });
    await writeFile(join(staged, path), text);
    files.push(path);
  }
  return files.sort();
}

async function moveInto(folder: string, staged: string): Promise<void> {
  const moved: string[] = [];
  try {
    for (const name of await readdir(staged)) {
      await rename(join(staged, name), join(folder, name));
      moved.push(name);
    }
  } catch (error) {
    for (const name of moved) await rm(join(folder, name), { recursive: true, force: true });
    throw error;
  }
}
