import type { Operation } from './document.ts';

/** The request of an operation's example, for a shell with `BACKSTEP_URL` and `BACKSTEP_KEY`. */
export function curlOf(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody, 'x-role': role } = operation;
  const valuesIn = (place: string) =>
    parameters.filter(({ in: where, example }) => where === place && example !== undefined);
  const filled = valuesIn('path').reduce(
    (text, { name, example }) => text.replace(`{${name}}`, encodeURIComponent(String(example))),
    path,
  );
  const query = new URLSearchParams(
    Object.fromEntries(valuesIn('query').map(({ name, example }) => [name, String(example)])),
  ).toString();
  const body = requestBody?.content['application/json']?.example;
  const lines = [
    `curl${isStream(operation) ? ' -N' : ''}${method === 'get' ? '' : ` -X ${method.toUpperCase()}`} "$BACKSTEP_URL${filled}${query && `?${query}`}"`,
    ...(role === 'public' ? [] : ['-H "Authorization: Bearer $BACKSTEP_KEY"']),
    ...valuesIn('header').map(({ name, example }) => `-H ${quoted(`${name}: ${String(example)}`)}`),
    ...(body === undefined ? [] : [`-H 'Content-Type: application/json'`, `-d ${quoted(JSON.stringify(body))}`]),
  ];
  return lines.join(' \\\n  ');
}

export const isStream = ({ responses }: Operation): boolean =>
  responses['200']?.content?.['text/event-stream'] !== undefined;

const quoted = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
