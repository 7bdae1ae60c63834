import type { ModuleContext, SagaModule, SagaOptions, SqlClient } from '../../../src/index.ts';
import { defineSaga, manual } from '../../../src/index.ts';
import type { Request } from './kinds.ts';
import {
  actingStep,
  askingStep,
  closingStep,
  doubtfulStep,
  enteringStep,
  guardedStep,
  lookStep,
  requestSchema,
  verifiedStep,
} from './kinds.ts';
import type { LedgerClient } from './ledger-client.ts';
import { ledgerClient } from './ledger-client.ts';
import type { StaleLock } from './witness.ts';
import { watchBatches, witness } from './witness.ts';

/** The deadline of EVERY_KIND_BRIEF, in milliseconds: many of its sagas do not make it. */
const BRIEF_MS = 3_500;
/** Long enough for a saga whose workers, database or queues are away for most of a run. */
const PATIENT_MS = 90_000;

/** Sagas with every kind of step, whose outside world is the ledger at LEDGER_URL. */
export default function everyKind({ prisma, settings }: ModuleContext): SagaModule {
  const url = settings['LEDGER_URL'];
  if (url === undefined) throw new Error('LEDGER_URL is not set');
  const ledger = ledgerClient(url);
  const onStale = ({ sagaId, generation, current }: StaleLock) =>
    ledger.act({ what: 'stale', key: `${sagaId}:g${generation}`, sagaId, step: `generation ${current}` });
  const db = witness(prisma, onStale);
  watchBatches(prisma, onStale);
  return {
    sagas: [
      everyStep('EVERY_KIND', ledger, db, { timeoutMs: PATIENT_MS }),
      everyStep('EVERY_KIND_ON', ledger, db, { timeoutMs: PATIENT_MS, onCompensationFailure: 'continue' }),
      everyStep('EVERY_KIND_BRIEF', ledger, db, { timeoutMs: BRIEF_MS }),
      byHand(ledger, db),
      inDoubt(ledger, db),
    ],
    consumers: () => consumers(ledger),
  };
}

type Options = Pick<SagaOptions<Request, SqlClient>, 'timeoutMs' | 'onCompensationFailure'>;

function everyStep(type: string, ledger: LedgerClient, db: SqlClient, options: Options) {
  return defineSaga(type, { input: requestSchema, db, ...options })
    .step('LOOK', lookStep(ledger))
    .step('BOOK', verifiedStep(ledger))
    .transaction('ENTER', enteringStep(ledger))
    .wait('ASK', askingStep(ledger))
    .step('CLAIM', guardedStep(ledger))
    .step('SEND', { ...actingStep(ledger), onError: 'unknown' })
    .transaction('CLOSE', closingStep(ledger));
}

const compensate = manual('Undo the key in the ledger, then resolve as undone');

function byHand(ledger: LedgerClient, db: SqlClient) {
  return defineSaga('BY_HAND', { input: requestSchema, db, timeoutMs: PATIENT_MS, onCompensationFailure: 'continue' })
    .step('BOOK', verifiedStep(ledger))
    .step('SIGN', { ...verifiedStep(ledger), compensate })
    .transaction('CLOSE', closingStep(ledger));
}

function inDoubt(ledger: LedgerClient, db: SqlClient) {
  return defineSaga('IN_DOUBT', { input: requestSchema, db, timeoutMs: PATIENT_MS })
    .step('BOOK', verifiedStep(ledger))
    .step('SIGN', { ...doubtfulStep(ledger), compensate })
    .transaction('CLOSE', closingStep(ledger));
}

interface Asked {
  readonly sagaId: string;
  readonly key: string;
}

function consumers(ledger: LedgerClient): ReturnType<NonNullable<SagaModule['consumers']>> {
  const note = ({ key, payload }: { readonly key: string; readonly payload: unknown }) =>
    ledger.act({ what: 'event', key, sagaId: (payload as Asked).sagaId, step: '' }).then(() => undefined);
  const heard = (what: 'do' | 'undo') => async (event: { readonly key: string; readonly payload: unknown }) => {
    const { sagaId, key } = event.payload as Asked;
    await ledger.act({ what, key, sagaId, step: 'ASK' });
    await note(event);
  };
  return {
    'fault.asked': heard('do'),
    'fault.withdrawn': heard('undo'),
    'fault.entered': note,
    'fault.left': note,
    'fault.closed': note,
  };
}
