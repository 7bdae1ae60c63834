import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { pino } from 'pino';
import request from 'supertest';
import { z } from 'zod';
import { NOTHING_TO_UNDO, defineSaga } from '../../src/index.ts';
import { connectPrisma, type Database } from '../../src/store/database/prisma.ts';
import { createSessionStore, deleteExpiredSessions } from '../../src/store/desk/sessions.ts';
import { checkedApp } from '../support/checked-app.ts';
import { API_KEYS, bearer, KEYS } from '../support/access.ts';
import { startEngine, type Engine } from '../support/engine.ts';
import { expectProblem } from '../support/http.ts';

const log = pino({ level: 'silent' });
const SECRET = 'a secret of at least 32 characters';

const waiting = defineSaga('WAITING', { input: z.object({}) }).wait('ANSWER', {
  request: () => undefined,
  signal: z.object({}),
  compensate: NOTHING_TO_UNDO,
});

let engine: Engine;
let database: Database;

beforeAll(async () => {
  engine = await startEngine(() => [waiting]);
  database = connectPrisma(engine.url);
});
afterAll(async () => {
  await database.close();
  await engine.close();
});

/** As one of several API processes. */
function api({ prisma }: Pick<Database, 'prisma'> = database) {
  const access = { apiKeys: API_KEYS, sessions: createSessionStore(prisma), sessionSecret: SECRET };
  return request(checkedApp({ runner: engine.runner, log, access }));
}

async function login(key: string): Promise<{ cookie: string }> {
  const { headers } = await api().post('/api/session').send({ key }).expect(200);
  return { cookie: String(headers['set-cookie']).split(';', 1)[0] ?? '' };
}

const auditOf = async (actor: string) => {
  const { rows } = await engine.sql.query<{ action: string }>(
    'SELECT action FROM audit_entry WHERE actor = $1 ORDER BY id',
    [actor],
  );
  return rows.map(({ action }) => action);
};

test('a logout ends the session in every process, and both are audited once', async () => {
  const session = await login(KEYS.viewer);
  await api().get('/api/sagas').set(session).expect(200);
  const logouts = await Promise.all([1, 2].map(() => api().delete('/api/session').set(session)));
  expect(logouts.map(({ status }) => status)).toContain(204);
  expectProblem(await api().get('/api/sagas').set(session), 401, 'UNAUTHENTICATED');
  expectProblem(await api().delete('/api/session').set(session), 401, 'UNAUTHENTICATED');
  expect(await auditOf('vera')).toEqual(['login', 'logout']);
});

test('what is done is done in the name of the key', async () => {
  const started = await api().post('/api/sagas/WAITING').set(bearer(KEYS.starter)).send({}).expect(202);
  const { sagaId } = started.body as { sagaId: string };
  const cancel = () => api().post(`/api/sagas/${sagaId}/cancel`).send({ reason: 'by mistake' });
  expectProblem(await cancel().set(bearer(KEYS.starter)), 403, 'FORBIDDEN');
  await cancel()
    .set(await login(KEYS.operator))
    .expect(202);
  expect(await auditOf('stan')).toEqual(['start']);
  expect(await auditOf('olga')).toEqual(['login', 'cancel']);
});

test('ended sessions are forgotten a day after they would have expired, so many at a time', async () => {
  await engine.sql.query(`
    DELETE FROM ended_session;
    INSERT INTO ended_session (session_id, expires_at) VALUES
      ('oldest', timezone('utc', now()) - interval '3 days'), ('old', timezone('utc', now()) - interval '25 hours'),
      ('expired', timezone('utc', now()) - interval '23 hours'), ('running', timezone('utc', now()) + interval '1 hour')`);
  expect(await deleteExpiredSessions(database.prisma, 1)).toBe(1);
  expect(await deleteExpiredSessions(database.prisma, 10)).toBe(1);
  const { rows } = await engine.sql.query<{ session_id: string }>('SELECT session_id FROM ended_session ORDER BY 1');
  expect(rows.map(({ session_id: id }) => id)).toEqual(['expired', 'running']);
});

describe('with PostgreSQL away', () => {
  test('sessions, logins and logouts are 503; a key still opens what needs no database', async () => {
    const session = await login(KEYS.viewer);
    const away = connectPrisma('postgresql://nobody@127.0.0.1:1/none');
    try {
      expectProblem(await api(away).get('/api/session').set(session), 503, 'DATABASE_UNAVAILABLE');
      expectProblem(await api(away).delete('/api/session').set(session), 503, 'DATABASE_UNAVAILABLE');
      expectProblem(await api(away).post('/api/session').send({ key: KEYS.viewer }), 503, 'DATABASE_UNAVAILABLE');
      await api(away).get('/api/session').set(bearer(KEYS.viewer)).expect(200);
      await api(away).get('/healthz').set(session).expect(200);
    } finally {
      await away.close();
    }
    await api().get('/api/session').set(session).expect(200);
  });
});
