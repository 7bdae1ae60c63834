import { reasonOf } from '../../startup-error.ts';
import { usageError } from '../cli-error.ts';
import type { VerbContext } from './verb.ts';

/** For the help of every option that takes JSON. */
export const JSON_VALUE = 'JSON|@FILE|-';

/** JSON given in place, as `@file`, or as `-` for stdin. Throws a usage error that names the option. */
export async function readJson(option: string, given: string, { readText }: VerbContext): Promise<unknown> {
  const file = given === '-' ? '-' : given.startsWith('@') ? given.slice(1) : undefined;
  const text = file === undefined ? given : await readGiven(option, file, readText);
  try {
    return JSON.parse(text.replace(/^\ufeff/, '')) as unknown;
  } catch (error) {
    const from = file === undefined ? '' : file === '-' ? ' from stdin' : ` in ${file}`;
    throw usageError(`${option}: expected JSON${from}, got something else: ${reasonOf(error)}`, error);
  }
}

async function readGiven(option: string, file: string, readText: VerbContext['readText']): Promise<string> {
  try {
    return await readText(file);
  } catch (error) {
    throw usageError(`${option}: ${file} cannot be read: ${reasonOf(error)}`, error);
  }
}
