import { expect, test } from '@jest/globals';
import { sharedRead } from '../../src/store/reads/shared-read.ts';

test('those who ask together get one read', async () => {
  let reads = 0;
  const read = sharedRead(
    async () => (reads += 1),
    () => 0,
  );
  expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1]);
  expect(await read()).toBe(2);
});

test('an answer is kept as long as it says', async () => {
  let reads = 0;
  const read = sharedRead(
    async () => (reads += 1),
    () => Infinity,
  );
  await read();
  expect(await read()).toBe(1);
});

test('a failure is not kept', async () => {
  let reads = 0;
  const read = sharedRead(
    async () => {
      reads += 1;
      if (reads === 1) throw new Error('away');
      return reads;
    },
    () => Infinity,
  );
  await expect(read()).rejects.toThrow('away');
  expect(await read()).toBe(2);
});
