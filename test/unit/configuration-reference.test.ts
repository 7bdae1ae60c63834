import { readFile } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { configurationReference } from '../../scripts/configuration/reference.ts';
import { COMMANDS } from '../../src/cli/commands.ts';
import { CLIENT_VARIABLES } from '../../src/environment/client-variables.ts';
import { VARIABLES } from '../../src/environment/variables.ts';

test('docs/configuration.md is current; `npm run configuration` writes it', async () => {
  expect(await readFile('docs/configuration.md', 'utf8')).toBe(configurationReference());
});

test('every variable is in it once, and somebody reads it', () => {
  const reference = configurationReference();
  for (const name of [...Object.keys(VARIABLES), ...Object.keys(CLIENT_VARIABLES)])
    expect([name, reference.split(`\n| \`${name}\` |`).length - 1]).toEqual([name, 1]);
  const read = new Set<string>(Object.values(COMMANDS).flatMap(({ settings }) => settings));
  expect([...read].sort()).toEqual(Object.keys(VARIABLES).sort());
});
