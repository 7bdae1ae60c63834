import { expect, test } from '@jest/globals';
import { createRequire } from 'node:module';
import { ACTIONS } from '../../src/http/board/actions.ts';

interface BoardRoute {
  readonly method: string;
  readonly route: string;
}

const { appRoutes } = createRequire(import.meta.url)('@bull-board/api/dist/routes') as {
  readonly appRoutes: { readonly api: readonly BoardRoute[] };
};

test("every route by which Bull Board changes something is in the table, in Bull Board's order", () => {
  const writes = appRoutes.api.filter(({ method }) => method !== 'get');
  expect(ACTIONS.map(({ method, path }) => `${method} /api${path}`)).toEqual(
    writes.map(({ method, route }) => `${method} ${route}`),
  );
});

test('an action that is refused says where it is done instead', () => {
  for (const { rule } of ACTIONS)
    for (const kind of ['flow', 'compensation', 'event', 'notice'] as const)
      for (const state of ['completed', 'failed', 'waiting', 'active', 'delayed']) {
        const ruling = rule({ kind, state, sagaId: 'saga-1' });
        if (ruling.kind === 'elsewhere') expect(ruling.where).toMatch(/^[A-Z].{30,}\.$/);
      }
});
