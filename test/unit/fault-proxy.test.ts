import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import type { Proxy } from '../faults/rig/proxy.ts';
import { startProxy } from '../faults/rig/proxy.ts';
import { eventually } from '../support/eventually.ts';

let received: string;
let echo: Server;
let proxy: Proxy;
const clients: Socket[] = [];

beforeEach(async () => {
  received = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (data) => {
      received += data.toString();
      socket.write(data);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await startProxy({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

function openClient() {
  const socket = connect(proxy.port, '127.0.0.1');
  clients.push(socket);
  const seen = { text: '', closed: false };
  socket.on('error', () => undefined);
  socket.on('data', (data: Buffer) => (seen.text += data.toString()));
  socket.once('close', () => (seen.closed = true));
  return { seen, send: (text: string) => void socket.write(text) };
}

async function talk() {
  const client = openClient();
  client.send('a');
  await eventually(() => client.seen.text === 'a');
  return client;
}

test('a cut resets connections and lets none in, until it is over', async () => {
  const { seen } = await talk();
  proxy.set('cut');
  await eventually(() => seen.closed);
  const late = openClient();
  await eventually(() => late.seen.closed);
  proxy.set('pass');
  await talk();
});

test('a hang holds bytes back both ways, and they flow when it is over', async () => {
  const before = await talk();
  proxy.set('hang');
  before.send('b');
  const during = openClient();
  during.send('c');
  await eventually(() => proxy.connections() === 2);
  expect(received).toBe('a');
  proxy.set('pass');
  await eventually(() => before.seen.text === 'ab' && during.seen.text === 'c');
});

test('delayed replies: the request has come through, its answer comes when it is over', async () => {
  const { seen, send } = await talk();
  proxy.set('hang-replies');
  send('b');
  await eventually(() => received === 'ab');
  expect(seen.text).toBe('a');
  proxy.set('pass');
  await eventually(() => seen.text === 'ab');
});

test('lost replies: the request has come through, its answer never comes, and the connection is reset', async () => {
  const { seen, send } = await talk();
  proxy.set('lose-replies');
  send('b');
  await eventually(() => received === 'ab');
  proxy.set('pass');
  await eventually(() => seen.closed);
  expect(seen.text).toBe('a');
  await talk();
});
