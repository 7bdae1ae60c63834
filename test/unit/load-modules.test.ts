import { expect, test } from '@jest/globals';
import { clientOf, type LoadedModule } from '../../src/cli/load-modules.ts';
import type { PrismaClass } from '../../src/store/database/prisma.ts';

const Orders = function Orders() {};
const Stock = function Stock() {};
const loaded = (name: string, client?: unknown): LoadedModule => ({
  name,
  definitions: [],
  create: () => undefined,
  ...(client === undefined ? {} : { client: client as PrismaClass }),
});

test("the client of a process is of the class that a module exports, or else Backstep's own", () => {
  expect(clientOf([loaded('trips.ts')])).toBeUndefined();
  expect(clientOf([loaded('trips.ts'), loaded('orders.ts', Orders), loaded('more-orders.ts', Orders)])).toBe(Orders);
});

test('two modules with clients of two classes are refused: a process has one', () => {
  expect(() => clientOf([loaded('orders.ts', Orders), loaded('stock.ts', Stock)])).toThrow(
    'Saga modules orders.ts and stock.ts each export a PrismaClient, and a process has one',
  );
});
