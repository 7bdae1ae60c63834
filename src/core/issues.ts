import type { z } from 'zod';
import type { InputIssue } from './errors.ts';

/** A schema's complaints, a JSON pointer each; every key too many is one of its own. */
export function issuesOf(error: z.ZodError): InputIssue[] {
  return error.issues.flatMap((issue): InputIssue[] => {
    const pointer = pointerTo(issue.path);
    if (issue.code !== 'unrecognized_keys') return [{ pointer, message: issue.message }];
    return issue.keys.map((key) => ({ pointer: pointer + pointerTo([key]), message: 'Unknown field' }));
  });
}

/** A JSON pointer (RFC 6901); the root's is empty. */
export function pointerTo(path: readonly PropertyKey[]): string {
  return path.map((key) => `/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
