import type { ServerCommand } from './commands.ts';
import type { LoadedModule } from './load-modules.ts';

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
