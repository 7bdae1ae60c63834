import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assertAllOrNothing, rehearse } from 'backstep/testing';
import { tripWorld } from './world.ts';

test('a refused card gives the hotel back', async () => {
  const world = tripWorld();
  const faults = [{ step: 'CHARGE_CARD', kind: 'refuses' }] as const;
  const { status, undone } = await rehearse(world.definition, { ...world, faults });
  assert.equal(status, 'COMPENSATED');
  assert.deepEqual(undone, ['BOOK_HOTEL']);
});

test('whatever fails, and wherever the process dies, hotel and charge are both there or both gone', async () => {
  await assertAllOrNothing(tripWorld);
});
