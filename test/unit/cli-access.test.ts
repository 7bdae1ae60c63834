import { describe, expect, test } from '@jest/globals';
import { accessLine, requireKeys } from '../../src/cli/access.ts';
import { readConfig } from '../../src/config.ts';
import { StartupError } from '../../src/startup-error.ts';

describe('without keys the API', () => {
  test.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost', 'LOCALHOST'])('starts on %s', (host) => {
    expect(() => requireKeys({ host, apiKeys: [] })).not.toThrow();
  });

  test.each(['0.0.0.0', '::', '192.168.1.7', '10.0.0.1', 'api.example', '127.0.0.1.example', '::ffff:10.0.0.1'])(
    'does not start on %s, and says what to set',
    (host) => {
      const start = () => requireKeys({ host, apiKeys: [] });
      expect(start).toThrow(StartupError);
      expect(start).toThrow(new RegExp(`HOST ${host.replaceAll('.', '\\.')} .*API_KEYS.*backstep key`));
    },
  );
});

test('with keys it starts everywhere', () => {
  expect(() => requireKeys(readConfig({ HOST: '0.0.0.0', API_KEYS: 'a:viewer' }))).not.toThrow();
});

test('a person is told whose keys there are, and no key', () => {
  expect(accessLine(readConfig({ API_KEYS: 'hunter2:viewer:vera,hunter3:operator:olga' }))).toBe(
    'vera (viewer), olga (operator)',
  );
  expect(accessLine(readConfig({}))).toMatch(/^none: everybody on this machine/);
});
