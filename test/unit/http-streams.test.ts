import { afterEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import express from 'express';
import type { Request, Response } from 'express';
import request from 'supertest';
import { RunnerError } from '../../src/core/errors.ts';
import type { HttpServer } from '../../src/cli/http-server.ts';
import { serveHttp } from '../../src/cli/http-server.ts';
import type { EventStreamOptions } from '../../src/http/event-stream.ts';
import { eventSender } from '../../src/http/event-stream.ts';
import type { EventStream } from '../../src/http/route.ts';
import type { Runner } from '../../src/runner/interface.ts';
import type { SagaSummary } from '../../src/store/views.ts';
import type { EventClient } from '../support/event-client.ts';
import { openEvents } from '../support/event-client.ts';
import { eventually } from '../support/eventually.ts';
import { expectProblem, testApp } from '../support/http.ts';
import { SAGA, SUMMARY } from '../support/recording-runner.ts';

const opened: (HttpServer | EventClient)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

async function serve(app: RequestListener): Promise<HttpServer> {
  const server = await serveHttp(app, { host: '127.0.0.1', port: 0 });
  opened.push(server);
  return server;
}

async function follow(server: HttpServer, path: string): Promise<EventClient> {
  const client = await openEvents(server.url + path);
  opened.push(client);
  return client;
}

/** A runner whose answers a test sets, and which counts how often it is asked. */
function watched() {
  const shown = { items: [SUMMARY] as SagaSummary[], saga: SAGA, away: false };
  const reads = { list: 0, get: 0 };
  const answer = async <T>(value: () => T): Promise<T> => {
    await Promise.resolve();
    if (shown.away) throw new RunnerError('DATABASE_UNAVAILABLE', 'PostgreSQL is out of reach');
    return value();
  };
  const overrides: Partial<Runner> = {
    list: () => {
      reads.list += 1;
      return answer(() => ({ items: shown.items, nextCursor: null }));
    },
    get: (sagaId) => {
      reads.get += 1;
      return answer(() => {
        if (sagaId !== shown.saga.sagaId) throw new RunnerError('UNKNOWN_SAGA', `There is no saga ${sagaId}`);
        return shown.saga;
      });
    },
  };
  return { shown, reads, app: testApp({ overrides }).app };
}

const OTHER = { ...SUMMARY, sagaId: 'demo-2' };
const SAGA_STREAM = `/api/sagas/${SUMMARY.sagaId}/stream`;

describe('a list', () => {
  test('comes whole at first, and then as what has changed', async () => {
    const { shown, reads, app } = watched();
    const client = await follow(await serve(app), '/api/sagas/stream');
    expect(client.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(client.headers.get('cache-control')).toBe('no-store');
    await client.count(1);
    const before = reads.list;
    await eventually(() => reads.list > before + 1);
    expect(client.events).toHaveLength(1);
    const ended: SagaSummary = { ...SUMMARY, status: 'COMPLETED' };
    shown.items = [OTHER, ended];
    await client.count(2);
    shown.items = [OTHER];
    await client.count(3);
    expect(client.events).toEqual([
      { event: 'sagas', data: { items: [SUMMARY], ids: [SUMMARY.sagaId] } },
      { event: 'sagas', data: { items: [OTHER, ended], ids: [OTHER.sagaId, SUMMARY.sagaId] } },
      { event: 'sagas', data: { items: [], ids: [OTHER.sagaId] } },
    ]);
  });

  test('is read once for all who follow it', async () => {
    let release = () => undefined as void;
    const held = new Promise<void>((resolve) => (release = resolve));
    let reads = 0;
    const list: Runner['list'] = async () => {
      reads += 1;
      await held;
      return { items: [SUMMARY], nextCursor: null };
    };
    const { app } = testApp({ overrides: { list } });
    let asked = 0;
    const server = await serve((incoming, response) => {
      asked += 1;
      app(incoming, response);
    });
    const paths = ['/api/sagas/stream?status=RUNNING,FAILED', '/api/sagas/stream?status=FAILED,RUNNING'];
    const clients = Array.from({ length: 20 }, (_, index) => follow(server, paths[index % 2] ?? ''));
    await eventually(() => asked === 20 && reads > 0);
    release();
    await Promise.all(clients.map(async (client) => (await client).count(1)));
    expect(reads).toBeLessThan(5);
  });

  test('of another filter is another one', async () => {
    const { app, reads } = watched();
    const server = await serve(app);
    await Promise.all([follow(server, '/api/sagas/stream?q=a'), follow(server, '/api/sagas/stream?q=b')]);
    expect(reads.list).toBe(2);
  });

  test.each(['cursor=abc', 'limit=201', 'status=NONE', 'q='])('with %s is refused', async (query) => {
    expectProblem(await request(watched().app).get(`/api/sagas/stream?${query}`), 422, 'INVALID_REQUEST');
  });
});

describe('a saga', () => {
  test('comes at once, and whenever it has changed', async () => {
    const { shown, reads, app } = watched();
    const client = await follow(await serve(app), SAGA_STREAM);
    await client.count(1);
    const before = reads.get;
    await eventually(() => reads.get > before + 2);
    shown.saga = { ...SAGA, status: 'COMPLETED' };
    await client.count(2);
    expect(client.events).toEqual([
      { event: 'saga', data: SAGA },
      { event: 'saga', data: { ...SAGA, status: 'COMPLETED' } },
    ]);
  });

  test('that there is not is refused', async () => {
    expectProblem(await request(watched().app).get('/api/sagas/demo-3/stream'), 404, 'UNKNOWN_SAGA');
  });

  test('that is deleted ends its stream', async () => {
    const { shown, app } = watched();
    const client = await follow(await serve(app), SAGA_STREAM);
    await client.count(1);
    shown.saga = { ...SAGA, sagaId: 'demo-4' };
    await eventually(() => client.isOver());
  });
});

describe('servers that go away', () => {
  test('while PostgreSQL is away a stream is open and silent, and goes on when it is back', async () => {
    const { shown, reads, app } = watched();
    shown.away = true;
    const client = await follow(await serve(app), SAGA_STREAM);
    expect(client.status).toBe(200);
    await eventually(() => reads.get > 2);
    expect(client.events).toEqual([]);
    shown.away = false;
    await client.count(1);
    shown.away = true;
    const before = reads.get;
    await eventually(() => reads.get > before + 1);
    shown.saga = { ...SAGA, status: 'FAILED' };
    shown.away = false;
    await client.count(2);
    expect(client.isOver()).toBe(false);
  });

  test('when nobody follows it any more, nothing is read', async () => {
    const { reads, app } = watched();
    const server = await serve(app);
    const saga = await follow(server, SAGA_STREAM);
    await saga.count(1);
    saga.close();
    const list = await follow(server, '/api/sagas/stream');
    await list.count(1);
    const readsAfter = async (more: number) => {
      const before = reads.list;
      await eventually(() => reads.list >= before + more);
      return reads.get;
    };
    // The server hears of the lost connection before the list is read twice more; by then a last read of the saga is over.
    const last = await readsAfter(2);
    expect(await readsAfter(2)).toBe(last);
  });

  test('a server that closes ends its streams first', async () => {
    const server = await serve(watched().app);
    const client = await follow(server, SAGA_STREAM);
    await client.count(1);
    await server.close();
    await eventually(() => client.isOver());
    opened.splice(0);
  });
});

describe('a process', () => {
  test('has a hundred streams at most, and one more when one has ended', async () => {
    const { app } = watched();
    const server = await serve(app);
    const clients = await Promise.all(Array.from({ length: 100 }, () => follow(server, '/api/sagas/stream')));
    const refused = await fetch(`${server.url}/api/sagas/stream`);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect(await refused.json()).toMatchObject({ code: 'TOO_MANY_STREAMS' });
    clients[0]?.close();
    const next = await eventually(async () => {
      const client = await follow(server, '/api/sagas/stream');
      return client.status === 200 && client;
    });
    await next.count(1);
  });
});

describe('sending', () => {
  const never: EventStream = async function* (signal) {
    yield { event: 'first', data: { text: 'a\nb' } };
    await once(signal, 'abort');
  };
  const sending = (options: EventStreamOptions, stream: EventStream) => {
    const send = eventSender(options);
    return serve(
      express().use(async (incoming: Request, response: Response) => {
        await send(incoming, response, stream);
      }),
    );
  };

  test('keeps the connection alive with comments', async () => {
    const client = await follow(await sending({ heartbeatMs: 5 }, never), '/');
    await eventually(() => client.text().includes('\n\n:\n\n:\n\n'));
    expect(client.events).toEqual([{ event: 'first', data: { text: 'a\nb' } }]);
    expect(client.text()).toMatch(/^retry: 1000\n\n/);
  });

  test('ends after its time, so that the client is asked again who it is', async () => {
    const client = await follow(await sending({ lifeMs: 5 }, never), '/');
    await eventually(() => client.isOver());
  });

  test('gives up on a client that does not read', async () => {
    let produced = 0;
    let ended = false;
    const endless: EventStream = async function* () {
      try {
        for (; produced < 1_000; produced += 1) yield { event: 'much', data: 'x'.repeat(4_000_000) };
      } finally {
        ended = true;
      }
    };
    const { url } = await sending({ drainMs: 20 }, endless);
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1').pause();
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    await eventually(() => ended);
    expect(produced).toBeLessThan(100);
    socket.destroy();
  });

  test('to HEAD are headers alone', async () => {
    const { status, headers } = await fetch((await sending({}, never)).url, { method: 'HEAD' });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});
