import { expect, test } from '@jest/globals';
import { blocksOf } from './blocks.ts';
import { unknownCommands } from './command-lines.ts';
import { modulesOf, textOf } from './modules.ts';
import { expectOutput } from './shown.ts';

// Whether these tests would notice.

const fenced = (language: string, text: string) => `\`\`\`${language}\n${text}\n\`\`\``;

test('a block has the rule of the line before it', () => {
  const text = `Words.\n\n<!-- test: not run: no Docker -->\n${fenced('sh', 'docker ps')}\n\n${fenced('', 'plain')}`;
  const [first, second] = blocksOf('a.md', text);
  expect(first).toEqual({
    file: 'a.md',
    line: 5,
    language: 'sh',
    text: 'docker ps',
    rule: 'not run',
    detail: 'no Docker',
  });
  expect(second).toMatchObject({ language: '', rule: undefined });
});

test('a block in a list is read without its indent, and one without an end is refused', () => {
  expect(blocksOf('a.md', `- such:\n  ${fenced('ts', '  if (a) {}').replaceAll('\n', '\n  ')}`)).toMatchObject([
    { text: '  if (a) {}' },
  ]);
  expect(() => blocksOf('a.md', '```sh\nls')).toThrow('a.md:1: the block has no end');
});

test('a block that continues is a part of the one before, and both stand on their lines', () => {
  const text = `${fenced('ts', 'const a = 1;')}\n\n<!-- test: continues -->\n${fenced('ts', 'export const b = a;')}`;
  const [module, ...others] = modulesOf(blocksOf('a.md', text));
  expect(others).toEqual([]);
  expect(module && textOf(module)).toBe('\nconst a = 1;\n\n\n\n\nexport const b = a;');
});

test.each([
  ['backstep wroker', 'there is no such command'],
  ['API_KEYS="$KEY" npx backstep worker --prot 1', '--prot'],
  ['npm ci && npm run nothing', 'there is no script nothing'],
  ['kubectl apply -k deploy/nowhere', 'deploy/nowhere'],
])('%s names what is not there', (line, wrong) => {
  expect(unknownCommands(line)).toEqual([expect.stringContaining(wrong)]);
});

test('options in quotes and comments are nobody’s', () => {
  expect(unknownCommands(`backstep sagas list --status FAILED # --prot\ncurl -d '--prot' "a && b"`)).toEqual([]);
});

test('what is shown has to come', () => {
  const [text, json] = blocksOf(
    'a.md',
    `${fenced('text', 'SAGA  STATUS\n…  FAILED')}\n\n${fenced('json', '{"id": "a-…"}')}`,
  );
  if (!text || !json) throw new Error('two blocks');
  expectOutput(text, 'SAGA STATUS\n  a-1   FAILED\n');
  expectOutput(json, 'note\n{"id":"a-1","more":1}');
  expect(() => expectOutput(text, 'SAGA STATUS\n  a-1   RUNNING\n')).toThrow();
  expect(() => expectOutput(json, '{"id":"b-1"}')).toThrow();
});
