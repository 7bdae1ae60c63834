import { z } from 'zod';
import { ROLES } from '../../api-keys.ts';
import { beginSession } from '../handlers/begin-session.ts';
import { endSession } from '../handlers/end-session.ts';
import { type SessionView, showSession } from '../handlers/show-session.ts';
import { route, type Route } from '../route.ts';
import { schemaOf } from '../schema-of.ts';
import { SESSIONS } from '../tags.ts';
import { answer, refusal } from '../views.ts';

export const SESSION_PATH = '/api/session';

const session = schemaOf<SessionView>()(
  z
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
    .meta({ id: 'Session' }),
);

const ALICE: SessionView = {
  name: 'alice',
  role: 'operator',
  kind: 'session',
  expiresAt: '2026-03-02T21:15:04.000Z',
};

export const sessionRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: SESSION_PATH,
    role: 'public',
    summary: 'Log in with a key: sets the session cookie',
    name: 'beginSession',
    tag: SESSIONS,
    example: { body: { key: 'the-key-of-alice' } },
    body: z.strictObject({ key: z.string().min(1).max(1_000) }),
    responses: {
      200: answer('The session', session, ALICE),
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
    name: 'showSession',
    tag: SESSIONS,
    example: {},
    responses: { 200: answer('Who asks', session, ALICE) },
    handler: showSession,
  }),
  route({
    method: 'delete',
    path: SESSION_PATH,
    role: 'viewer',
    summary: 'Log out: the session ends for good',
    name: 'endSession',
    tag: SESSIONS,
    example: {},
    responses: { 204: { description: 'It has ended', headers: { 'Set-Cookie': 'Takes the cookie back' } } },
    handler: endSession,
  }),
];
