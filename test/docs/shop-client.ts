import type { SqlRunner } from '../../src/index.ts';

/** The Prisma client that a reader has generated of a schema of their own: types only, as far as examples use them. */
interface Order {
  readonly id: string;
  readonly sku: string;
  readonly status: string;
}

interface Models {
  readonly order: {
    create(make: { readonly data: Partial<Order> }): Promise<Order>;
    update(change: { readonly where: { readonly id: string }; readonly data: Partial<Order> }): Promise<Order>;
    findMany(find?: { readonly where: Partial<Order> }): Promise<readonly Order[]>;
  };
}

export declare class PrismaClient implements Models, SqlRunner {
  constructor(options: { readonly adapter: object });
  readonly order: Models['order'];
  $queryRawUnsafe<T = unknown>(query: string, ...values: unknown[]): Promise<T>;
  $executeRawUnsafe(query: string, ...values: unknown[]): Promise<number>;
  $transaction<R>(
    work: (tx: Models & SqlRunner) => Promise<R>,
    options?: { maxWait?: number; timeout?: number },
  ): Promise<R>;
  $disconnect(): Promise<void>;
}
