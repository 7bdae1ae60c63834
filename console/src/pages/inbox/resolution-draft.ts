/** What an operator has filled in so far. */
import type { Resolution } from '../../api/types.ts';
import { NO_REASON } from '../../model/words.ts';
import type { Decision } from './use-resolve.ts';

export interface Draft {
  readonly resolution: Resolution | null;
  readonly reason: string;
  /** JSON as text. */
  readonly output: string;
}

type Errors = { readonly [field in keyof Draft]?: string };

/** The decision, if it is complete; else what is missing. */
export function readDraft(draft: Draft, allowed: readonly Resolution[]): { decision: Decision | null; errors: Errors } {
  const { resolution } = draft;
  const reason = draft.reason.trim();
  if (resolution === null || !allowed.includes(resolution)) {
    return { decision: null, errors: { resolution: 'Choose what to do' } };
  }
  const output = resolution === 'done' ? readObject(draft.output) : undefined;
  const errors = {
    ...(reason === '' ? { reason: NO_REASON } : {}),
    ...(typeof output === 'string' ? { output } : {}),
  };
  if (Object.keys(errors).length > 0) return { decision: null, errors };
  return { decision: { resolution, reason, ...(output === undefined ? {} : { output }) }, errors };
}

/** The object, or what is wrong with the text. */
function readObject(text: string): object | string {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'A JSON object is expected';
  } catch (error) {
    return `This is not JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
