import { segmentsOf } from '../../core/redact.ts';
import type { Registry } from '../../core/registry.ts';
import { withoutNul } from '../log.ts';
import type { Parameters } from './saga-filter.ts';

/** A saga's whole id is looked up by its key, however old the saga is. */
export function wholeIdOf(text: string): string | undefined {
  return /^[\w-]{1,100}$/.test(text) ? text.toLowerCase() : undefined;
}

/**
 * That a saga has the text, in any case, in its id, its error or its state. Of a state only those top-level members are looked
 * at in which nothing is redacted, and none where the saga's definition is not known: what is not shown is not found either.
 */
export function matches(text: string, registry: Registry, { add }: Parameters): string {
  const plain = add(pattern(withoutNul(text)), 'text');
  const inJson = add(pattern(JSON.stringify(withoutNul(text)).slice(1, -1)), 'text');
  return `(saga_id ILIKE ${plain} OR error_message ILIKE ${plain} OR ${searchedState(registry, add)}::text ILIKE ${inJson})`;
}

function searchedState(registry: Registry, add: Parameters['add']): string {
  const hidden = new Map([...registry].map(([type, { redact }]) => [type, redact.map((path) => segmentsOf(path)[0])]));
  const open = [...hidden].filter(([, keys]) => keys.length === 0).map(([type]) => type);
  const partly = [...hidden].filter(([, keys]) => keys.length > 0 && !keys.includes('*'));
  const cases = partly.map(
    ([type, keys]) => `WHEN saga_type = ${add(type, 'text')} THEN state - ${add(keys, 'text[]')}`,
  );
  return `CASE WHEN saga_type = ANY(${add(open, 'text[]')}) THEN state ${cases.join(' ')} END`;
}

/** For LIKE: the text anywhere, its wildcards taken as they are. */
function pattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
}
