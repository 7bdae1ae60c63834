import { expect, test } from '@jest/globals';
import { NotBegunError, createSlots } from '../../src/processors/slots.ts';

/** Work that ends when it is told to, and what began of it, in order. */
function pieces() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const piece = (name: string) => () =>
    new Promise<string>((resolve) => {
      begun.push(name);
      ends.set(name, () => resolve(name));
    });
  return { begun, piece, end: (name: string) => ends.get(name)?.() };
}

test('no more run at a time than there are slots, and the others in their order', async () => {
  const { begun, piece, end } = pieces();
  const slots = createSlots(2, new AbortController().signal);
  const all = ['a', 'b', 'c', 'd'].map((name) => slots.use(piece(name)));
  await Promise.resolve();
  expect(begun).toEqual(['a', 'b']);
  end('b');
  await all[1];
  await Promise.resolve();
  expect(begun).toEqual(['a', 'b', 'c']);
  end('a');
  end('c');
  await all[2];
  await Promise.resolve();
  end('d');
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd']);
});

test('work that fails gives its slot back', async () => {
  const slots = createSlots(1, new AbortController().signal);
  await expect(slots.use(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.use(() => Promise.resolve('next'))).toBe('next');
});

test('what waits when the process stops has not begun, and what runs is left to end', async () => {
  const { begun, piece, end } = pieces();
  const stop = new AbortController();
  const slots = createSlots(1, stop.signal);
  const running = slots.use(piece('running'));
  const waiting = slots.use(piece('waiting'));
  await Promise.resolve();
  stop.abort();
  await expect(waiting).rejects.toThrow(NotBegunError);
  await expect(slots.use(piece('late'))).rejects.toThrow(NotBegunError);
  end('running');
  expect([await running, begun]).toEqual(['running', ['running']]);
});
