import { parseArgs } from 'node:util';
import { type Config, readConfigWith } from '../config.ts';
import { reasonOf, StartupError } from '../startup-error.ts';

export interface CommandOptions {
  readonly help: boolean;
  readonly config: Config;
}

/** Options win over the environment, whose rules they follow. Throws a `StartupError`. */
export function readOptions(args: readonly string[]): CommandOptions {
  const { sagas, port, host, min, max, help = false } = parse(args);
  const given = {
    ...(sagas === undefined ? {} : { SAGA_MODULES: sagas.join(',') }),
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { HOST: host }),
    ...(min === undefined ? {} : { AUTOSCALE_MIN: min }),
    ...(max === undefined ? {} : { AUTOSCALE_MAX: max }),
  };
  return { help, config: readConfigWith(given) };
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        sagas: { type: 'string', multiple: true },
        port: { type: 'string' },
        host: { type: 'string' },
        min: { type: 'string' },
        max: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    });
    return values;
  } catch (error) {
    throw new StartupError(`${reasonOf(error)} Run backstep --help for what there is`, { cause: error });
  }
}
