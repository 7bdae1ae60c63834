import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { SagaDefinition, SqlClient } from '../core/definition.ts';
import type { ModuleContext, SagaModule } from '../modules.ts';
import { reasonOf, StartupError } from '../startup-error.ts';
import type { PrismaClass } from '../store/database/prisma.ts';
import type { Closing } from './closing.ts';

/** A file of `--sagas` that was imported; its default function has not run yet. */
export interface LoadedModule {
  readonly name: string;
  readonly create: (context: ModuleContext) => unknown;
  readonly definitions: readonly SagaDefinition[];
  /** The class of its own Prisma client, in place of Backstep's: what it exports as `PrismaClient`. */
  readonly client?: PrismaClass;
  /** What `backstep dev` does for it. */
  readonly dev?: DevHelp;
}

export interface DevHelp {
  /** Starts what the sagas call, and answers the settings with that in them. */
  provide(config: Config, log: Logger, closing: Closing): Promise<Config['settings']>;
  /** Fills in something to try the sagas on. */
  seed(prisma: SqlClient, log: Logger): Promise<void>;
  /** A command to try. */
  tryIt(prisma: SqlClient, url: string): Promise<string>;
}

/** Imports the files, given relative to `folder`. Throws a `StartupError` that names the file. */
export async function loadModules(files: readonly string[], folder: string): Promise<readonly LoadedModule[]> {
  const loaded: LoadedModule[] = [];
  for (const file of files) loaded.push(await loadModule(file, resolve(folder, file)));
  return loaded;
}

async function loadModule(name: string, path: string): Promise<LoadedModule> {
  if (!existsSync(path)) throw new StartupError(`Saga module ${name} does not exist (${path})`);
  const exported = await importFile(name, path);
  const create = typeof exported['default'] === 'function' ? exported['default'] : undefined;
  const definitions = [...new Set(Object.values(exported).flat().filter(isDefinition))];
  if (create === undefined && definitions.length === 0)
    throw new StartupError(
      `Saga module ${name} exports no saga: export what defineSaga returns, an array of them, or a default function that returns { sagas }`,
    );
  const { PrismaClient: client } = exported;
  return {
    name,
    definitions,
    create: create === undefined ? () => undefined : (context) => create(context) as unknown,
    ...(typeof client === 'function' ? { client: client as PrismaClass } : {}),
  };
}

async function importFile(name: string, path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    if (/\.[cm]?tsx?$/.test(path)) await understandTypeScript();
    const exported = (await import(pathToFileURL(path).href)) as Record<string, unknown>;
    // A CommonJS module that was compiled from an ES one has its exports below `default`.
    const { default: inner } = exported;
    return typeof inner === 'object' && inner !== null && '__esModule' in inner ? { ...inner } : exported;
  } catch (error) {
    throw new StartupError(`Saga module ${name} cannot be loaded: ${reasonOf(error)}${placeOf(error)}`, {
      cause: error,
    });
  }
}

/** Not those of `node:internal/…`. */
const PLACE = /(?<=^|\s|\(|file:\/\/)\/[^\s():]+(?::\d+){1,2}/gm;
const OWN_FOLDER = new URL('..', import.meta.url).pathname;

/** The line of whoever wrote the module, where the error's stack has one. */
function placeOf(error: unknown): string {
  const places = String(error instanceof Error && error.stack).match(PLACE) ?? [];
  const place = places.find((each) => !each.includes('/node_modules/') && !each.startsWith(OWN_FOLDER));
  return place === undefined || reasonOf(error).includes(place) ? '' : ` (${place})`;
}

/**
 * Not by tsx's `tsImport`, which gives the module a second copy of everything it imports: its `TerminalError` would not
 * be ours. When we ourselves run from TypeScript, whatever loaded us loads the module too.
 */
async function understandTypeScript(): Promise<void> {
  if (import.meta.url.endsWith('.ts')) return;
  const [commonJs, esModules] = await Promise.all([import('tsx/cjs/api'), import('tsx/esm/api')]).catch(
    (cause: unknown) => {
      throw new Error('TypeScript takes the package tsx: npm install --save-dev tsx', { cause });
    },
  );
  // A project whose package.json has no "type": "module" has CommonJS modules.
  commonJs.register();
  esModules.register();
}

/** The client's class for a process of these modules. Throws a `StartupError` where two bring one: there is one `prisma`. */
export function clientOf(modules: readonly LoadedModule[]): PrismaClass | undefined {
  const [first, second] = modules.filter(
    ({ client }, at) => client && modules.findIndex((m) => m.client === client) === at,
  );
  if (first && second)
    throw new StartupError(
      `Saga modules ${first.name} and ${second.name} each export a PrismaClient, and a process has one: export it from one of them, or run them apart`,
    );
  return first?.client;
}

function isDefinition(value: unknown): value is SagaDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { type, steps } = value as Partial<Record<keyof SagaDefinition, unknown>>;
  return typeof type === 'string' && Array.isArray(steps);
}

/** Runs the module's default function. Throws a `StartupError` that names the file. */
export async function createModule(loaded: LoadedModule, context: ModuleContext): Promise<SagaModule> {
  const made = await runDefault(loaded, context);
  const sagas = [...new Set([...loaded.definitions, ...made.sagas])];
  if (sagas.length === 0) throw new StartupError(`Saga module ${loaded.name}: its default function returned no saga`);
  return { ...made, sagas };
}

async function runDefault({ name, create }: LoadedModule, context: ModuleContext): Promise<SagaModule> {
  let made: unknown;
  try {
    made = await create(context);
  } catch (error) {
    throw new StartupError(`Saga module ${name} cannot start: ${reasonOf(error)}`, { cause: error });
  }
  if (made === undefined) return { sagas: [] };
  const { sagas } = (made ?? {}) as Partial<Record<keyof SagaModule, unknown>>;
  if (!Array.isArray(sagas) || !sagas.every(isDefinition))
    throw new StartupError(`Saga module ${name}: its default function must return { sagas: [...] }`);
  return made as SagaModule;
}
