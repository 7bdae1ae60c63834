import { parseArgs } from 'node:util';
import { type Config, type Environment, readConfigWith } from '../config.ts';
import type { SettingName } from '../environment/variables.ts';
import { reasonOf } from '../startup-error.ts';
import { usageError } from './cli-error.ts';

/** The options that are variables by another name. */
export const SETTING_OPTIONS = {
  sagas: { setting: 'SAGA_MODULES', value: 'FILE' },
  port: { setting: 'PORT', value: 'PORT' },
  host: { setting: 'HOST', value: 'HOST' },
  min: { setting: 'AUTOSCALE_MIN', value: 'N' },
  max: { setting: 'AUTOSCALE_MAX', value: 'N' },
} as const satisfies Readonly<Record<string, { readonly setting: SettingName; readonly value: string }>>;

export type SettingOption = keyof typeof SETTING_OPTIONS;

export const isSettingOption = (name: string): name is SettingOption => Object.hasOwn(SETTING_OPTIONS, name);

export interface Reads {
  readonly options: readonly SettingOption[];
  readonly settings: readonly SettingName[];
}

/**
 * The configuration of a command that runs a part of Backstep. Its options win over the environment, whose rules they follow.
 * Throws a usage error for an option that it does not have, a `StartupError` for a value that is malformed and for a
 * variable that is nearly one it reads.
 */
export function readOptions(args: readonly string[], { options, settings }: Reads): Config {
  const given: Record<string, string> = {};
  for (const [name, values = []] of Object.entries(parse(args, options)))
    if (isSettingOption(name)) given[SETTING_OPTIONS[name].setting] = valueOf(name, values);
  return readConfigWith(given satisfies Environment, settings);
}

/** Several `--sagas` are a list; of the others the last counts. */
const valueOf = (name: SettingOption, values: readonly string[]) =>
  name === 'sagas' ? values.join(',') : (values.at(-1) ?? '');

function parse(args: readonly string[], names: readonly SettingOption[]) {
  const one = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(names.map((name) => [name, one])) }).values;
  } catch (error) {
    throw usageError(`${reasonOf(error)} Run backstep --help for what there is`, error);
  }
}
