import type { Draft } from './requests.ts';

/** Longer bodies are cut, which is said. */
const SHOWN_BYTES = 3_000;

/** A request as a line for bash. */
export function curlLine(origin: string, { method, target, headers, body }: Draft): string {
  const url = target.startsWith('http:') ? ['--request-target', quoted(target), origin] : [quoted(origin + target)];
  const sent = headers.filter(([name]) => body !== undefined || name !== 'content-type');
  return [
    'curl -i --path-as-is --globoff -X',
    method,
    ...url,
    ...sent.flatMap(([name, value]) => ['-H', quoted(`${name}: ${value}`)]),
    ...bodyArguments(body),
  ].join(' ');
}

function bodyArguments(body: Buffer | undefined): string[] {
  if (body === undefined) return [];
  const cut = body.length > SHOWN_BYTES ? [`# the first of ${body.length} bytes`] : [];
  return ['--data-binary', quoted(body.subarray(0, SHOWN_BYTES).toString('latin1')), ...cut];
}

/** bash's `$'…'`, byte by byte. */
function quoted(latin1: string): string {
  const escaped = latin1.replaceAll(/[^ -&(-[\]-~]/g, (character) => `\\x${hex(character.charCodeAt(0))}`);
  return `$'${escaped}'`;
}

const hex = (code: number) => code.toString(16).padStart(2, '0');
