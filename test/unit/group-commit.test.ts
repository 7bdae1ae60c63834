import { expect, test } from '@jest/globals';
import { createGroupCommit } from '../../src/store/group-commit.ts';

const shared = new Error('database away');

function recorder(fails: (entry: string) => boolean = () => false) {
  const batches: string[][] = [];
  let release: () => void = () => undefined;
  let held: Promise<void> | undefined;
  const group = createGroupCommit<string, string>({
    commit: async (entries) => {
      batches.push([...entries]);
      await held;
      if (entries.some(fails)) throw new Error(`bad entry among ${entries.length}`);
      return entries.map((entry) => entry.toUpperCase());
    },
    keyOf: (entry) => entry.charAt(0),
    isShared: (error) => error === shared,
  });
  const hold = () => {
    held = new Promise((resolve) => (release = resolve));
  };
  return { group, batches, hold, release: () => release() };
}

test('a lone entry is committed at once', async () => {
  const { group, batches } = recorder();
  expect(await group.submit('a')).toBe('A');
  expect(batches).toEqual([['a']]);
});

test('what comes while a commit is in flight is the next batch', async () => {
  const { group, batches, hold, release } = recorder();
  hold();
  const first = group.submit('a');
  await Promise.resolve();
  const rest = ['b', 'c', 'd'].map((entry) => group.submit(entry));
  release();
  expect(await Promise.all([first, ...rest])).toEqual(['A', 'B', 'C', 'D']);
  expect(batches).toEqual([['a'], ['b', 'c', 'd']]);
});

test('two entries of one key are never in one batch', async () => {
  const { group, batches } = recorder();
  await Promise.all(['a1', 'a2', 'b1'].map((entry) => group.submit(entry)));
  expect(batches).toEqual([['a1', 'b1'], ['a2']]);
});

test('one bad entry fails alone', async () => {
  const { group } = recorder((entry) => entry === 'b');
  const results = await Promise.allSettled(['a', 'b', 'c'].map((entry) => group.submit(entry)));
  expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('an error that concerns all fails all, without another try', async () => {
  let commits = 0;
  const group = createGroupCommit<string, string>({
    commit: async () => {
      commits += 1;
      throw shared;
    },
    keyOf: (entry) => entry,
    isShared: (error) => error === shared,
  });
  const results = await Promise.allSettled(['a', 'b'].map((entry) => group.submit(entry)));
  expect(results.map((result) => result.status)).toEqual(['rejected', 'rejected']);
  expect(commits).toBe(1);
});

test('each commit is told, also one that fails', async () => {
  const flushes: number[] = [];
  const group = createGroupCommit<string, string>({
    commit: async (entries) => {
      if (entries.includes('bad')) throw new Error('bad entry');
      return entries;
    },
    keyOf: (entry) => entry,
    isShared: () => false,
    onFlush: (entries, durationMs) => flushes.push(durationMs >= 0 ? entries : Number.NaN),
  });
  await Promise.allSettled(['a', 'bad'].map((entry) => group.submit(entry)));
  expect(flushes).toEqual([2, 1, 1]);
});
