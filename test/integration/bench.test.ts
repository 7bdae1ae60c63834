import { expect, test } from '@jest/globals';
import type { Program } from '../support/process.ts';
import { runTypeScript } from '../support/process.ts';

const TIMEOUT_MS = 180_000;

test(
  'the benchmark ends with one line of JSON that compares Backstep with raw flows',
  async () => {
    const program = runTypeScript('bench/main.ts', ['--only', 'a', '--rounds', '1', '--seconds', '0.2', '--json']);
    const lines = await linesOf(program);
    const figures = JSON.parse(lines.at(-1) ?? '') as object;
    expect(figures).toMatchObject({
      ratioToRaw: expect.any(Number),
      goals: expect.arrayContaining([expect.objectContaining({ letter: 'a', met: expect.any(Boolean) })]),
      throughput: {
        raw: { perSecond: { median: expect.any(Number) } },
        backstep: { perSecond: { median: expect.any(Number) }, commits: { median: expect.any(Number) } },
      },
    });
  },
  TIMEOUT_MS,
);

test('an option that it does not know is refused in one line', async () => {
  const program = runTypeScript('bench/main.ts', ['--only', 'x']);
  const { code } = await program.exited;
  expect(code).toBe(1);
  expect(program.stderr()).toBe('--only: expected letters from a to h, separated by commas, got "x"\n');
});

async function linesOf(program: Program): Promise<string[]> {
  const { code } = await program.exited;
  if (code !== 0) throw new Error(`It ended with ${code}: ${program.stdout()}${program.stderr()}`);
  return program.stdout().trim().split('\n');
}
