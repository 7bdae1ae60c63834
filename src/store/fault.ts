/** SQLSTATE classes and codes that say nothing about the statement: the server is away, starting, full, read-only after
 *  a failover, or chose this transaction as a victim. @see PostgreSQL manual, appendix A */
const INFRASTRUCTURE_STATES = /^(08|53|57P|58)|^(40001|40P01|25006|25P03|55P03|57014)$/;
const INFRASTRUCTURE_KINDS = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TransactionWriteConflict',
  'TooManyConnections',
  'TlsConnectionError',
]);
const INFRASTRUCTURE_PRISMA_CODES = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2034', 'P2037']);
/** Errors of node-postgres itself carry no code. Whole messages: a provider's error may speak of connections too. */
const DRIVER_MESSAGES = new Set([
  'Connection terminated',
  'Connection terminated unexpectedly',
  'Connection terminated due to connection timeout',
  'Client has encountered a connection error and is not queryable',
  'Client was closed and is not queryable',
  'timeout exceeded when trying to connect',
  'Query read timeout',
]);
/** Of a lost connection to PostgreSQL. Other systems' sockets fail likewise: only an error that went through Prisma counts. */
const SOCKET_CODES = new Set([
  'EPIPE',
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
/** Prisma: no connection was free in `maxWait`. Its other errors of this code are the transaction's own. */
const NO_FREE_CONNECTION = 'Unable to start a transaction in the given time';

/** PostgreSQL gives no answer in time, or another transaction is in the way: nothing was learnt of whoever asked. */
export class InfrastructureError extends Error {
  override readonly name: string = 'InfrastructureError';
}

/** Prisma gave up on an interactive transaction: it took longer than it may. In one of ours that is the database's doing. */
export function isExpiredTransaction(error: unknown): boolean {
  return error instanceof Error && (error as { code?: unknown }).code === 'P2028';
}

interface DriverCause {
  readonly kind?: string;
  readonly code?: string;
  readonly originalCode?: string;
}

/**
 * Whether an error comes from PostgreSQL being out of reach rather than from the code that ran into it. It then uses up
 * no attempt. Only database errors are recognised: an unreachable payment provider is the step's own failure.
 */
export function isInfrastructureFault(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof InfrastructureError) return true;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string' && INFRASTRUCTURE_PRISMA_CODES.has(code)) return true;
  if (isLostConnection(error) && 'clientVersion' in error) return true;
  const cause = driverCause(error);
  if (cause) return isInfrastructureCause(cause);
  if (isDatabaseError(error) && typeof code === 'string' && INFRASTRUCTURE_STATES.test(code)) return true;
  if (DRIVER_MESSAGES.has(error.message)) return true;
  if (code === 'P2028') return error.message.includes(NO_FREE_CONNECTION);
  return error.cause !== undefined && error.cause !== error && isInfrastructureFault(error.cause);
}

/** Whether a socket failed. Whose, the error does not say. */
export function isLostConnection(error: unknown): boolean {
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' && SOCKET_CODES.has(code);
}

/** Whether PostgreSQL ended a statement that took longer than it may. */
export function isCancelledStatement(error: unknown): boolean {
  const cause = error instanceof Error ? driverCause(error) : undefined;
  return (cause?.originalCode ?? cause?.code) === '57014';
}

function driverCause(error: Error): DriverCause | undefined {
  const { meta, cause } = error as { meta?: { driverAdapterError?: { cause?: DriverCause } }; cause?: unknown };
  if (meta?.driverAdapterError?.cause) return meta.driverAdapterError.cause;
  return error.name === 'DriverAdapterError' ? (cause as DriverCause | undefined) : undefined;
}

function isInfrastructureCause(cause: DriverCause): boolean {
  if (cause.kind !== undefined && INFRASTRUCTURE_KINDS.has(cause.kind)) return true;
  const state = cause.originalCode ?? cause.code;
  return state !== undefined && INFRASTRUCTURE_STATES.test(state);
}

/** node-postgres errors carry the severity beside the SQLSTATE; other errors with a `code` are not the database's. */
function isDatabaseError(error: Error): boolean {
  return 'severity' in error;
}
