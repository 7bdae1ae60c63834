import { z } from 'zod';
import { optionalText, webUrl } from './kinds.ts';
import type { Variable } from './variables.ts';

const withoutUser = ({ username, password }: URL) => username + password === '';

const LOCAL_API = 'http://127.0.0.1:3000';
const address = webUrl();
const KEY = 'a key of visible ASCII characters';

/** Those of the commands that talk to the API, in the order of the help. */
export const CLIENT_VARIABLES = {
  BACKSTEP_URL: {
    expected: address.expected,
    schema: address.schema
      // fetch refuses it, and an error message would repeat it.
      .refine((value) => value === undefined || !URL.canParse(value) || withoutUser(new URL(value)), {
        error: 'a URL without a user and password (the key is BACKSTEP_KEY)',
      })
      .default(LOCAL_API),
    fallback: LOCAL_API,
    text: 'where the API is, as --url; a path may follow, below which it is',
    example: 'https://ops.example.com/backstep',
    secret: true,
  },
  BACKSTEP_KEY: {
    expected: KEY,
    schema: z
      .string()
      .trim()
      .regex(/^[\x21-\x7e]{1,1000}$/, { error: KEY })
      .optional(),
    text: 'the API key',
    otherwise: 'none is sent',
    example: 'change-me',
    secret: true,
  },
  NO_COLOR: { ...optionalText, text: 'set to anything: no colours', example: '1' },
  TERM: { ...optionalText, text: 'dumb: no colours', example: 'dumb' },
} as const satisfies Readonly<Record<string, Variable>>;
