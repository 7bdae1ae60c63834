import type { Route } from '../route.ts';
import type { Json } from './schemas.ts';

const text = { type: 'string' };

/** Headers that answers of many routes have. */
export const COMMON_HEADERS = {
  'X-Request-Id': {
    description:
      "The request's id, which the log has too: the caller's own, if it sent one of at most 128 plain characters",
    required: true,
    schema: text,
    example: '0b1f6c1e-6d0e-4a7b-9b57-3f0a6f1b2c3d',
  },
  'Retry-After': {
    description: 'When to ask again, in seconds',
    required: true,
    schema: { type: 'integer', minimum: 1 },
    example: 5,
  },
  'WWW-Authenticate': { description: 'How to say who asks', required: true, schema: text, example: 'Bearer' },
  RateLimit: {
    description: 'What a key has left, and until when; not there where nobody is asked for one',
    schema: text,
    example: '"key"; r=59998; t=60',
  },
  'RateLimit-Policy': {
    description: 'How much a key has in which time',
    schema: text,
    example: '"key"; q=60000; w=60; pk=:ZDRhZjFhYjE4NzA0:',
  },
} as const;

type CommonHeader = keyof typeof COMMON_HEADERS;

const reference = (name: CommonHeader) => [name, { $ref: `#/components/headers/${name}` }] as const;

/** Those of one answer: what every one has, what its status brings, and its own. */
export function headersOf(
  { role }: Route,
  status: number,
  isProblem: boolean,
  own: Readonly<Record<string, string>>,
): Json {
  const names: CommonHeader[] = ['X-Request-Id'];
  if (isProblem && (status === 429 || status === 503)) names.push('Retry-After');
  if (status === 401 && role !== 'public') names.push('WWW-Authenticate');
  if (role !== 'public' && status !== 401) names.push('RateLimit', 'RateLimit-Policy');
  const others = Object.entries(own).map(([name, description]) => [
    name,
    { description, required: true, schema: text },
  ]);
  return Object.fromEntries([...names.map(reference), ...others]) as Json;
}
