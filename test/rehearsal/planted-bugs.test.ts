import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { NOTHING_TO_UNDO, TerminalError, defineSaga } from '../../src/index.ts';
import type { StepContext, StepOptions } from '../../src/index.ts';
import type { World } from '../../src/rehearsal/index.ts';
import { AllOrNothingError, assertAllOrNothing, memoryDb } from '../../src/rehearsal/index.ts';
import { describeFault } from '../../src/rehearsal/fault.ts';

/** A shop's accounts at a provider, by key. */
function shop() {
  const charges = new Map<string, number>();
  const stock = { left: 10, reserved: new Set<string>() };
  const voided = new Set<string>();
  return { charges, stock, voided };
}

type Shop = ReturnType<typeof shop>;
type Step = StepOptions<object, object, void>;
type Key = Pick<StepContext<object, object>, 'key'>;

/** Right in every way: the tests below take one thing from it. */
const reserving = ({ stock, voided }: Shop): Step => ({
  onError: 'unknown',
  execute: ({ key }) => {
    if (voided.has(key)) throw new TerminalError('void');
    if (stock.reserved.has(key)) return;
    stock.reserved.add(key);
    stock.left -= 1;
  },
  compensate: ({ executeKey }) => {
    voided.add(executeKey);
    if (stock.reserved.delete(executeKey)) stock.left += 1;
  },
});

const charging = ({ charges, voided }: Shop): Step => ({
  execute: ({ key }) => {
    if (voided.has(key)) throw new TerminalError('void');
    charges.set(key, 700);
  },
  verify: ({ key }) => {
    if (charges.has(key)) return { kind: 'done', output: undefined };
    voided.add(key);
    return { kind: 'not-done' };
  },
  compensate: ({ executeKey }) => {
    voided.add(executeKey);
    charges.delete(executeKey);
  },
});

function worldOf(reserve: (shop: Shop) => Step, charge: (shop: Shop) => Step): () => World {
  return () => {
    const world = shop();
    const db = memoryDb({ orders: 0 });
    const definition = defineSaga('SHOP', { input: z.object({}), db })
      .step('RESERVE', reserve(world))
      .step('CHARGE', charge(world))
      .transaction('CLOSE_ORDER', {
        execute: ({ tx }) => {
          tx.data.orders += 1;
        },
        compensate: NOTHING_TO_UNDO,
      });
    const { stock, charges } = world;
    const total = () => [...charges.values()].reduce((sum, cents) => sum + cents, 0);
    return {
      definition,
      input: {},
      effects: () => ({
        RESERVE: { left: stock.left, held: stock.reserved.size },
        CHARGE: total(),
        CLOSE_ORDER: db.data.orders,
      }),
    };
  };
}

async function findings(makeWorld: () => World): Promise<AllOrNothingError> {
  const error: unknown = await assertAllOrNothing(makeWorld).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof AllOrNothingError) return error;
  throw new Error('Nothing was found', { cause: error });
}

const found = ({ outcomes }: AllOrNothingError) => outcomes.map(({ faults }) => faults.map(describeFault).join(' + '));

test('a saga that is right has no findings', async () => {
  const outcomes = await assertAllOrNothing(worldOf(reserving, charging));
  expect(outcomes.length).toBeGreaterThan(80);
  expect(outcomes.every(({ findings }) => findings.length === 0)).toBe(true);
});

describe('found at once is', () => {
  test('a compensation that forgets something', async () => {
    const forgetful = (shop: Shop): Step => ({
      ...reserving(shop),
      compensate: ({ executeKey }) => {
        shop.voided.add(executeKey);
        shop.stock.reserved.delete(executeKey);
      },
    });
    const error = await findings(worldOf(forgetful, charging));
    expect(found(error)).toContain('CLOSE_ORDER refuses');
    expect(error.message).toContain('RESERVE is {"left":9,"held":0}, expected {"left":10,"held":0}');
  });

  test('a step that acts twice under one key', async () => {
    const careless = (shop: Shop): Step => ({
      ...charging(shop),
      execute: ({ key }) => void shop.charges.set(key, (shop.charges.get(key) ?? 0) + 700),
    });
    const error = await findings(worldOf(reserving, careless));
    expect(found(error)).toContain('CHARGE dies-after');
    expect(error.message).toContain('CHARGE is 1400, expected 700');
  });

  test('a step that says it has nothing to undo, and has', async () => {
    const lying = (shop: Shop): Step => ({ ...reserving(shop), compensate: NOTHING_TO_UNDO });
    expect(found(await findings(worldOf(lying, charging)))).toContain('CHARGE refuses');
  });

  test('a step whose errors pass for proof although it had acted, without a verify', async () => {
    const trusting = (shop: Shop): Step => {
      const { verify: _verify, ...step } = charging(shop);
      return step;
    };
    const error = await findings(worldOf(reserving, trusting));
    expect(found(error)).toEqual(['CHARGE throws-after, each time']);
    expect(error.message).toContain('CHARGE is 700, expected 0');
  });

  test('a verify that says what is not so', async () => {
    const hasty = (shop: Shop): Step => ({ ...charging(shop), verify: () => ({ kind: 'not-done' }) });
    expect(found(await findings(worldOf(reserving, hasty)))).toContain('CHARGE times-out-after, each time');
  });

  test('an undo that finds only what was recorded', async () => {
    const blind = (shop: Shop): Step => {
      const done = new Set<string>();
      const { execute, compensate } = reserving(shop);
      return {
        onError: 'unknown',
        execute: (context) => {
          void execute(context);
          done.add(context.key);
          return { reserved: true } as never;
        },
        compensate: (context) => {
          if (context.output === undefined || typeof compensate !== 'function') return;
          void compensate(context);
        },
      };
    };
    expect(found(await findings(worldOf(blind, charging)))).toContain('RESERVE times-out-after, each time');
  });

  test('an undo that cannot be run twice', async () => {
    const once = (shop: Shop): Step => ({
      ...reserving(shop),
      compensate: ({ executeKey }: { readonly executeKey: string } & Key) => {
        shop.stock.reserved.delete(executeKey);
        shop.stock.left += 1;
      },
    });
    expect(found(await findings(worldOf(once, charging)))).toContain(
      'CLOSE_ORDER refuses + undo of RESERVE dies-after',
    );
  });
});

test('the message tells the fault, the calls, and what was left', async () => {
  const trusting = (shop: Shop): Step => {
    const { verify: _verify, ...step } = charging(shop);
    return step;
  };
  const { message } = await findings(worldOf(reserving, trusting));
  expect(message).toMatchInlineSnapshot(`
   "SHOP: at 1 of 118 failure points the effects are neither all there nor all gone

   CHARGE throws-after, each time: the saga is COMPENSATED, but
     CHARGE is 700, expected 0
       1. RESERVE, attempt 1: returned
       2. CHARGE, attempt 1: threw: The answer of CHARGE is lost, as rehearsed [throws-after, has acted]
       3. CHARGE, attempt 2: threw: The answer of CHARGE is lost, as rehearsed [throws-after, has acted]
       4. CHARGE, attempt 3: threw: The answer of CHARGE is lost, as rehearsed [throws-after, has acted]
       5. undo of RESERVE, attempt 1: returned
     then: COMPENSATED (The answer of CHARGE is lost, as rehearsed)"
  `);
});

test('a saga that fails without any fault is no saga to try', async () => {
  const broken = (shop: Shop): Step => ({
    ...charging(shop),
    execute: () => {
      throw new TerminalError('Never');
    },
  });
  await expect(assertAllOrNothing(worldOf(reserving, broken))).rejects.toThrow(
    'Saga SHOP is COMPENSATED without any fault: Never',
  );
});

test('effects that tell nothing are refused', async () => {
  const makeWorld = worldOf(reserving, charging);
  const blank = () => ({ ...makeWorld(), effects: () => ({}) });
  await expect(assertAllOrNothing(blank)).rejects.toThrow('says the same before and after');
});
