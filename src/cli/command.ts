import type { Config } from '../config.ts';
import type { SettingName } from '../environment/variables.ts';
import type { LoadedModule } from './load-modules.ts';
import { isSettingOption, readOptions, type SettingOption } from './options.ts';
import type { Output } from './output/terminal.ts';

/** Runs until it is done or stopped; returns the exit code. Throws a `StartupError` for what the user can mend. */
export type Command = (config: Config, example: Example | undefined) => Promise<number>;

export type ServerOption = SettingOption | 'role' | 'name' | 'package';

/** A command that runs a part of Backstep, or does something beside a running one. */
export interface ServerCommand {
  readonly summary: string;
  /** What it takes besides options, such as `[folder]`. */
  readonly operand?: string;
  /** What matters to it, for its help. */
  readonly options: readonly ServerOption[];
  readonly settings: readonly SettingName[];
  readonly examples: readonly string[];
  /** With the words behind its name; returns the exit code. */
  readonly run: (words: readonly string[], stdout: Output, example?: Example) => Promise<number>;
}

/** What runs where no module is named, and what goes with it. The package has none: it is this repository's. */
export interface Example {
  /** The file of the command line that knows it, as `ChildSpec.module`: workers are forked of it. */
  readonly entry: string;
  /** Beside Backstep's own. */
  readonly commands: Readonly<Record<string, ServerCommand>>;
  readonly load: () => Promise<LoadedModule>;
}

/** The package's own command line. */
const ENTRY = 'cli/main';

export const entryOf = (example: Example | undefined): string => example?.entry ?? ENTRY;

type Configured = Omit<ServerCommand, 'run'> & { readonly load: () => Promise<Command> };

/** A command is imported when it is run: the operators' commands start without Express, BullMQ and Prisma. */
export function configured({ load, ...spec }: Configured): ServerCommand {
  const { settings } = spec;
  const options = spec.options.filter(isSettingOption);
  const run: ServerCommand['run'] = async (words, _stdout, example) => {
    const config = readOptions(words, { options, settings });
    const command = await load();
    return command(config, example);
  };
  return { ...spec, run };
}
