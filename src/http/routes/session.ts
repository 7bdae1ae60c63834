import { z } from 'zod';
import { ROLES } from '../../api-keys.ts';
import { beginSession } from '../handlers/begin-session.ts';
import { endSession } from '../handlers/end-session.ts';
import { showSession } from '../handlers/show-session.ts';
import { route, type Route } from '../route.ts';
import { refusal } from '../views.ts';

export const SESSION_PATH = '/api/session';

const session = z
  .object({
    name: z.string().describe('What the history calls whoever asks'),
    role: z.enum(ROLES),
    kind: z
      .enum(['open', 'key', 'session', 'application'])
      .describe(
        'open: no keys are configured, and everybody is an operator; application: known by the application around it',
      ),
    expiresAt: z.iso.datetime().nullable().describe('When the session ends by itself; null where it is none'),
  })
  .meta({ id: 'Session' });

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: SESSION_PATH,
    role: 'public',
    summary: 'Log in with a key: sets the session cookie',
    body: z.strictObject({ key: z.string().min(1).max(1_000) }),
    responses: {
      200: { description: 'The session', schema: session },
      401: refusal('INVALID_KEY'),
      429: refusal('TOO_MANY_REQUESTS: more than ten logins in a minute from one address; Retry-After says when'),
    },
    handler: beginSession,
  }),
  route({
    method: 'get',
    path: SESSION_PATH,
    role: 'viewer',
    summary: 'Say who asks, and what they may do',
    responses: { 200: { description: 'Who asks', schema: session } },
    handler: showSession,
  }),
  route({
    method: 'delete',
    path: SESSION_PATH,
    role: 'viewer',
    summary: 'Log out: the session ends for good',
    responses: { 204: { description: 'It has ended' } },
    handler: endSession,
  }),
];
