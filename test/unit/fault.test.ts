import { expect, test } from '@jest/globals';
import { isInfrastructureFault } from '../../src/store/fault.ts';

const prisma = (code: string, cause?: object, message = 'Invalid invocation') =>
  Object.assign(new Error(message), {
    name: 'PrismaClientKnownRequestError',
    code,
    ...(cause === undefined ? {} : { meta: { driverAdapterError: { name: 'DriverAdapterError', cause } } }),
  });
const sqlState = (originalCode: string) => prisma('P2010', { kind: 'postgres', originalCode });

test.each<[string, unknown]>([
  ['an unreachable server', prisma('P2010', { kind: 'DatabaseNotReachable' })],
  ['a server that shuts down', sqlState('57P01')],
  ['a server that starts', sqlState('57P03')],
  ['too many connections', sqlState('53300')],
  ['a deadlock', sqlState('40P01')],
  ['a read-only replica after a failover', sqlState('25006')],
  ['no free connection', prisma('P2028', undefined, 'Unable to start a transaction in the given time.')],
  ["node-postgres's lost connection", new Error('Connection terminated unexpectedly')],
  ["node-postgres's own SQL error", Object.assign(new Error('x'), { severity: 'FATAL', code: '57P01' })],
  ['one of these as a cause', new Error('step failed', { cause: sqlState('57P01') })],
])('%s uses up no attempt', (_what, error) => {
  expect(isInfrastructureFault(error)).toBe(true);
});

test.each<[string, unknown]>([
  ['a division by zero', sqlState('22012')],
  ['a broken constraint', sqlState('23505')],
  ['a transaction that took too long', prisma('P2028', undefined, 'Transaction already closed')],
  ['an unreachable provider', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
  ["a provider's words about a connection", new Error('WeChat: connection terminated unexpectedly')],
  ['no error at all', 'Connection terminated'],
])("%s is the step's own failure", (_what, error) => {
  expect(isInfrastructureFault(error)).toBe(false);
});
