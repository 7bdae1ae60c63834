import { pino } from 'pino';
import billing from '../../src/sagas/index.ts';

const nothing = () => Promise.reject(new Error('It asks nobody'));
const prisma = { $queryRawUnsafe: nothing, $executeRawUnsafe: nothing, $transaction: nothing };
const settings = { PROVIDER_URL: 'http://127.0.0.1:1', SANDBOX_PROXY: 'on' };

/** The routes of the billing example, over nothing. */
export const billingRoutes = billing({ prisma, settings, log: pino({ level: 'silent' }) }).routes ?? [];
