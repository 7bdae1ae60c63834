import { parseArgs } from 'node:util';
import { type Config, readConfigWith } from '../config.ts';
import { reasonOf } from '../startup-error.ts';
import { usageError } from './cli-error.ts';

/**
 * The options of a command that runs a part of Backstep. They win over the environment, whose rules they follow. Throws a
 * usage error for one that is not known, a `StartupError` for a value that is malformed.
 */
export function readOptions(args: readonly string[]): Config {
  const { sagas, port, host, min, max } = parse(args);
  const given = {
    ...(sagas === undefined ? {} : { SAGA_MODULES: sagas.join(',') }),
    ...(port === undefined ? {} : { PORT: port }),
    ...(host === undefined ? {} : { HOST: host }),
    ...(min === undefined ? {} : { AUTOSCALE_MIN: min }),
    ...(max === undefined ? {} : { AUTOSCALE_MAX: max }),
  };
  return readConfigWith(given);
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
      },
    });
    return values;
  } catch (error) {
    throw usageError(`${reasonOf(error)} Run backstep --help for what there is`, error);
  }
}
