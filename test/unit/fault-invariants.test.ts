import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { checkInvariants } from '../faults/verdict/invariants/index.ts';
import type { LedgerLine } from '../faults/sagas/ledger-book.ts';
import type { Draft } from '../support/fault-evidence.ts';
import { honestEvidence, IDS, refreshViews } from '../support/fault-evidence.ts';

const FOLDER = new URL('../faults/verdict/invariants/', import.meta.url);
const MINUTE_MS = 60_000;

const only = <R>(rows: readonly R[], matches: (row: R) => boolean): R => {
  const found = rows.find(matches);
  if (found === undefined) throw new Error('The honest evidence has no such row');
  return found;
};
const sagaOf = (draft: Draft, id: string) => only(draft.sagas, (row) => row.saga_id === id);
const stepOf = (draft: Draft, id: string, name: string) =>
  only(draft.steps, (row) => row.saga_id === id && row.name === name);
const changeOf = (draft: Draft, id: string, step: string | null, after: string) =>
  only(draft.changes, (row) => row.saga_id === id && row.step === step && row.after === after);
const lineOf = (draft: Draft, id: string, what: string, step: string) =>
  only(draft.lines, (row) => row.sagaId === id && row.what === what && row.step === step);
const orderOf = (draft: Draft, id: string) => only(draft.orders, (row) => row.creation_key === `${id}:CREATE_ORDER:do`);
const without = <R>(rows: R[], gone: (row: R) => boolean) => {
  const place = rows.findIndex(gone);
  if (place === -1) throw new Error('The honest evidence has no such row');
  rows.splice(place, 1);
};
const addLine = (draft: Draft, like: LedgerLine, differing: Partial<LedgerLine>) =>
  draft.lines.push({ ...like, n: draft.lines.length + 1, ...differing });
const addChange = (draft: Draft, like: Draft['changes'][number], differing: Partial<Draft['changes'][number]>) =>
  draft.changes.push({ ...like, tx: 'another', ...differing });

/** The saga gets a new generation at a time in its life. */
const replaceFlow = (draft: Draft, id: string, atMs: number) => {
  const place = draft.changes.findIndex((row) => row.saga_id === id && row.at.getTime() > atMs);
  const like = only(draft.changes, (row) => row.saga_id === id && row.step === null);
  const status = { before: 'RUNNING', after: 'RUNNING', generation_before: 1, generation_after: 2 };
  draft.changes.splice(place, 0, { ...like, ...status, at: new Date(atMs) });
};

const GROUP_RETRY = { fingerprint: 'f', total: 3, retried: 2, skipped: 0, finished_at: new Date(0) };

/** What went wrong, the rule that has to see it, and how it shows in the evidence. */
const LIES: readonly (readonly [string, string, (draft: Draft) => unknown])[] = [
  [
    'an accepted saga has no row',
    '1 an accepted start is kept',
    (d) => d.accepted.push({ ...only(d.accepted, () => true), sagaId: 'every_kind-9', key: 'other' }),
  ],
  ['a saga runs that nobody was told of', '1 no saga is made up', (d) => d.accepted.pop()],
  [
    'one key was answered with two sagas',
    '1 one key is one saga',
    (d) => d.accepted.push({ ...only(d.accepted, () => true), sagaId: IDS.compensated }),
  ],
  [
    'two refunds work on one payment',
    '1 one saga at a time works on a payment',
    (d) => d.sagas.push({ ...sagaOf(d, IDS.refunded), saga_id: 'payment_refund-2' }),
  ],
  [
    'a step fails for the fourth time',
    '3 a step fails no more often than it may',
    (d) => d.log.push({ ...only(d.log, () => true), event: 'attempt failed', attempt: 4 }),
  ],
  ['a saga still runs', '1 every saga ends', (d) => (sagaOf(d, IDS.completed).status = 'RUNNING')],
  ['a parked saga has no task', '1 a parked saga has an open task', (d) => d.tasks.pop()],
  [
    'a parked saga owes nothing',
    '1 a parked saga has an open task',
    (d) => (stepOf(d, IDS.parked, 'SIGN').status = 'DONE'),
  ],
  ['a saga was undone for no reason', '1 a saga ends for a reason', (d) => (d.log = [])],
  [
    'a saga timed out before its deadline',
    '1 a saga ends for a reason',
    (d) => {
      Object.assign(sagaOf(d, IDS.compensated), { status: 'TIMEOUT', ending: 'TIMEOUT' });
      only(d.log, (row) => row.saga_id === IDS.compensated).event = 'saga turned back';
    },
  ],
  [
    'a step that refuses was passed',
    '1 a saga ends for a reason',
    (d) => (sagaOf(d, IDS.completed).input = { refusedAt: 'CLOSE' }),
  ],
  [
    'a cancelled saga was completed',
    '1 an accepted cancel counts',
    (d) => (only(d.accepted, () => true).cancelled = true),
  ],
  [
    'money moved under a key that no saga has',
    '2 only sagas move money',
    (d) => (only(d.books, (item) => item.paymentId === 'pay-0001').key = 'payment_refund-1:CALL_PROVIDER_REFUND:again'),
  ],
  [
    'a payment was refunded twice',
    '2 nothing is refunded twice',
    (d) => d.books.push(only(d.books, (item) => item.paymentId === 'pay-0001')),
  ],
  [
    'a refund was made twice under one key',
    '2 a refund is given once, or not at all',
    (d) => d.books.push(only(d.books, (item) => item.paymentId === 'pay-0001')),
  ],
  ['a completed refund moved no money', '2 a refund is given once, or not at all', (d) => d.books.pop()],
  [
    'a refund that was undone moved money',
    '2 a refund is given once, or not at all',
    (d) => (sagaOf(d, IDS.refunded).status = 'COMPENSATED'),
  ],
  [
    'a balance is not what its entries say',
    '2 balances are the sum of their entries',
    (d) => (only(d.balances, () => true).after = '800.00'),
  ],
  ['the API met an error it did not know', '4 the API knows what went wrong', (d) => (d.unforeseen = ['"status":500'])],
  ['a charge was forgotten by the provider', '2 books and payments agree', (d) => (d.entries = [])],
  [
    'a refunded payment is still SUCCESS',
    '2 books and payments agree',
    (d) => (only(d.payments, ({ id }) => id === 'pay-0001').status = 'SUCCESS'),
  ],
  [
    'an order of a refunded payment is still PAID',
    '2 books and payments agree',
    (d) => (only(d.orders, ({ id }) => id === 'order-0001').status = 'PAID'),
  ],
  [
    'the payment of an undone purchase is SUCCESS',
    '2 books and payments agree',
    (d) => (only(d.payments, ({ order_id: order }) => order === 'order-u').status = 'SUCCESS'),
  ],
  [
    'an undone purchase keeps its charge',
    '2 a purchase is charged once, or not at all',
    (d) => without(d.books, ({ key }) => key.startsWith(IDS.unbought) && key.endsWith(':undo')),
  ],
  [
    'a completed purchase was charged twice',
    '2 a purchase is charged once, or not at all',
    (d) => d.entries.push(only(d.entries, () => true)),
  ],
  [
    'a completed purchase was refunded',
    '2 a purchase is charged once, or not at all',
    (d) => d.entries.push({ key: `${IDS.bought}:PROCESS_PAYMENT:undo`, user_id: 'user-0001', amount: '100.00' }),
  ],
  [
    'a charge that was undone can still come',
    '2 a purchase is charged once, or not at all',
    (d) => (d.books = d.books.filter(({ key }) => !key.startsWith(IDS.unbought))),
  ],
  [
    'the order of an undone purchase stands',
    '2 a purchase has an order, or a cancelled one',
    (d) => (orderOf(d, IDS.unbought).status = 'PAID'),
  ],
  [
    'a completed purchase has no order',
    '2 a purchase has an order, or a cancelled one',
    (d) => without(d.orders, ({ id }) => id === 'order-b'),
  ],
  [
    'an undone purchase keeps its device',
    '2 a purchase has its device, or none',
    (d) => (only(d.devices, ({ id }) => id === 'device-2').allocation_key = `${IDS.unbought}:ALLOCATE_DEVICE:do`),
  ],
  ['a completed purchase lost its device', '2 a purchase has its device, or none', (d) => (d.devices = [])],
  ['a late request would hold a device', '2 a purchase has its device, or none', (d) => (d.releases = [])],
  [
    'a user was told of a purchase that was undone',
    '2 a user hears of what is complete',
    (d) => d.notifications.push({ key: `${IDS.unbought}:ACTIVATE_ORDER:do:notification.send` }),
  ],
  [
    'a step called itself otherwise at its second attempt',
    '3 a step acts under one key',
    (d) => addLine(d, lineOf(d, IDS.completed, 'do', 'BOOK'), { key: `${IDS.completed}:BOOK:do2` }),
  ],
  [
    'a completed saga lacks an effect',
    '3 an effect is there once, or not at all',
    (d) => without(d.lines, (line) => line === lineOf(d, IDS.completed, 'do', 'SEND')),
  ],
  [
    'an effect of an undone saga stands',
    '3 an effect is there once, or not at all',
    (d) => without(d.lines, (line) => line === lineOf(d, IDS.compensated, 'undo', 'BOOK')),
  ],
  [
    'an effect of a completed saga was undone',
    '3 an effect is there once, or not at all',
    (d) => addLine(d, lineOf(d, IDS.completed, 'do', 'BOOK'), { what: 'undo', outcome: 'undone' }),
  ],
  [
    'what was asked of an undone saga stands',
    '3 an effect is there once, or not at all',
    (d) => without(d.lines, (line) => line === lineOf(d, IDS.compensated, 'undo', 'ASK')),
  ],
  [
    'a step that was begun was skipped, and may yet act',
    '3 what was begun and undone can never act',
    (d) => {
      without(d.steps, (row) => row === stepOf(d, IDS.compensated, 'SEND'));
      d.lines = d.lines.filter(
        ({ sagaId, step, what }) => sagaId !== IDS.compensated || step !== 'SEND' || what === 'begin',
      );
    },
  ],
  [
    'a step was undone, and may yet act',
    '3 what was begun and undone can never act',
    (d) => {
      without(d.lines, (line) => line === lineOf(d, IDS.compensated, 'do', 'SEND'));
      without(d.lines, (line) => line === lineOf(d, IDS.compensated, 'undo', 'SEND'));
    },
  ],
  [
    'a step is FAILED though a run of it never answered',
    '3 a step is FAILED only with proof',
    (d) => {
      stepOf(d, IDS.compensated, 'CLAIM').status = 'FAILED';
      d.lines = d.lines.filter(
        ({ sagaId, step, what }) => sagaId !== IDS.compensated || step !== 'CLAIM' || what === 'begin',
      );
    },
  ],
  [
    'a transaction was made twice',
    '3 a transaction is there once, or not at all',
    (d) => d.effects.push(only(d.effects, ({ saga_id: id, step }) => id === IDS.completed && step === 'ENTER')),
  ],
  [
    'a transaction of an undone saga stands',
    '3 a transaction is there once, or not at all',
    (d) =>
      without(
        d.effects,
        ({ saga_id: id, step, what }) => id === IDS.compensated && step === 'ENTER' && what === 'undo',
      ),
  ],
  [
    'a transaction was undone twice',
    '3 a transaction is there once, or not at all',
    (d) => d.effects.push(only(d.effects, ({ step, what }) => step === 'ENTER' && what === 'undo')),
  ],
  [
    'a transaction of a completed saga is gone',
    '3 a transaction is there once, or not at all',
    (d) => without(d.effects, ({ saga_id: id, step }) => id === IDS.completed && step === 'CLOSE'),
  ],
  [
    'the last step of an undone saga stands',
    '3 a transaction is there once, or not at all',
    (d) => d.effects.push({ ...only(d.effects, ({ step }) => step === 'CLOSE'), saga_id: IDS.compensated }),
  ],
  [
    'a request was made twice',
    '3 a request is made once, and withdrawn',
    (d) => d.effects.push(only(d.effects, ({ what }) => what === 'ask')),
  ],
  [
    'a request was never withdrawn',
    '3 a request is made once, and withdrawn',
    (d) => without(d.effects, ({ step, what }) => step === 'ASK' && what === 'undo'),
  ],
  [
    'an old generation recorded a step',
    '3 no old generation is let through',
    (d) => addLine(d, lineOf(d, IDS.completed, 'begin', 'ENTER'), { what: 'stale', key: `${IDS.completed}:g1` }),
  ],
  [
    'a run of a flow that was replaced recorded its step',
    '3 a record is made by a run of its own generation',
    (d) => replaceFlow(d, IDS.completed, lineOf(d, IDS.completed, 'begin', 'BOOK').atMs + 100),
  ],
  [
    'a run of a flow that was replaced recorded a transaction',
    '3 a record is made by a run of its own generation',
    (d) => replaceFlow(d, IDS.completed, lineOf(d, IDS.completed, 'begin', 'ENTER').atMs + 100),
  ],
  [
    'an undo of a flow that was replaced was recorded',
    '3 a record is made by a run of its own generation',
    (d) => replaceFlow(d, IDS.compensated, lineOf(d, IDS.compensated, 'undo-begin', 'SEND').atMs + 100),
  ],
  [
    'a saga ended twice',
    '3 a saga ends once, and never changes again',
    (d) => addChange(d, changeOf(d, IDS.completed, null, 'COMPLETED'), {}),
  ],
  [
    'a saga changed after its end',
    '3 a saga ends once, and never changes again',
    (d) => addChange(d, changeOf(d, IDS.completed, null, 'COMPLETED'), { before: 'COMPLETED' }),
  ],
  [
    'a saga was deleted',
    '3 a saga ends once, and never changes again',
    (d) => addChange(d, changeOf(d, IDS.completed, null, 'COMPLETED'), { before: 'COMPLETED', after: null }),
  ],
  [
    'a generation was given back',
    '3 a saga ends once, and never changes again',
    (d) => (changeOf(d, IDS.compensated, null, 'COMPENSATING').generation_after = 0),
  ],
  [
    'a saga went back a step',
    '3 a saga ends once, and never changes again',
    (d) => (changeOf(d, IDS.compensated, null, 'COMPENSATING').steps_done_before = 1),
  ],
  [
    'a step was recorded behind an undo',
    '3 a step goes on only',
    (d) => addChange(d, changeOf(d, IDS.compensated, 'SEND', 'COMPENSATED'), { before: 'COMPENSATED', after: 'DONE' }),
  ],
  [
    'a step was recorded twice after the end',
    '3 a step goes on only',
    (d) => addChange(d, changeOf(d, IDS.completed, 'SEND', 'DONE'), { before: 'DONE' }),
  ],
  [
    'a step was undone that was never recorded',
    '3 a step goes on only',
    (d) => (changeOf(d, IDS.compensated, 'SEND', 'COMPENSATED').before = null),
  ],
  [
    'a parked saga went on by itself',
    '3 a parked saga goes on by a word that says so',
    (d) => without(d.log, (row) => row.event === 'done by hand'),
  ],
  [
    'a saga ran on of which a step was undone',
    '3 nothing runs on once something was undone',
    (d) => {
      const undone = { ...changeOf(d, IDS.sentOn, 'BOOK', 'DONE'), before: 'DONE', after: 'COMPENSATED' };
      d.changes.splice(d.changes.indexOf(changeOf(d, IDS.sentOn, null, 'FAILED')), 0, undone);
    },
  ],
  [
    'the task of an ended saga is open',
    '1 an ended saga leaves no task open',
    (d) => (only(d.tasks, (task) => task.saga_id === IDS.sentOn).status = 'open'),
  ],
  [
    'a task of a group was never looked at',
    '1 the retry of a group comes to its end',
    (d) => d.groupRetries.push(GROUP_RETRY),
  ],
  [
    'a receiver never took what it was told',
    '3 no notice is lost',
    (d) => (only(d.toldNotices, () => true).taken = false),
  ],
  [
    'a receiver was told what is not signed',
    '3 no notice is made up',
    (d) => d.toldNotices.push({ id: undefined, taken: true }),
  ],
  [
    'the end of a saga was not told',
    '3 a notice tells what happened',
    (d) => without(d.outbox, (row) => row.name === 'backstep.saga.finished'),
  ],
  [
    'an older step was undone first',
    '3 compensations run newest first',
    (d) => {
      const [older, newer] = ['BOOK', 'SEND'].map((step) => changeOf(d, IDS.compensated, step, 'COMPENSATED'));
      if (older && newer) [older.step, newer.step, older.step_index, newer.step_index] = ['SEND', 'BOOK', 5, 1];
    },
  ],
  [
    'a step began before the one before it was done',
    '3 steps begin one after the other',
    (d) => (lineOf(d, IDS.completed, 'begin', 'CLAIM').atMs -= MINUTE_MS),
  ],
  [
    'a step was jumped over',
    '3 steps begin one after the other',
    (d) => without(d.changes, (row) => row === changeOf(d, IDS.completed, 'ENTER', 'DONE')),
  ],
  [
    'a step began after its saga turned back',
    '3 nothing begins once the saga has stopped running',
    (d) => addLine(d, lineOf(d, IDS.compensated, 'begin', 'CLOSE'), { atMs: Date.parse('2026-01-01T01:00:00Z') }),
  ],
  [
    'a step ran again after it was recorded',
    '3 nothing runs again once it is recorded',
    (d) => addLine(d, lineOf(d, IDS.completed, 'begin', 'BOOK'), { atMs: Date.parse('2026-01-01T01:00:00Z') }),
  ],
  [
    'an undo ran again after it was recorded',
    '3 nothing runs again once it is recorded',
    (d) => addLine(d, lineOf(d, IDS.compensated, 'undo-begin', 'BOOK'), { atMs: Date.parse('2026-01-01T01:00:00Z') }),
  ],
  [
    'a step of a completed saga was undone',
    '3 nothing is undone while the saga runs',
    (d) => addLine(d, lineOf(d, IDS.completed, 'begin', 'BOOK'), { what: 'undo-begin' }),
  ],
  [
    'an undo began before its saga turned back',
    '3 nothing is undone while the saga runs',
    (d) => (lineOf(d, IDS.compensated, 'undo-begin', 'SEND').atMs -= MINUTE_MS),
  ],
  [
    'an undo began before a later one was over',
    '3 an undo begins when all later steps are undone',
    (d) =>
      (lineOf(d, IDS.compensated, 'undo-begin', 'BOOK').atMs = lineOf(d, IDS.compensated, 'undo-begin', 'SEND').atMs),
  ],
  [
    'an event was never written',
    '3 events tell what happened',
    (d) => without(d.outbox, ({ key }) => key === `${IDS.bought}:ACTIVATE_ORDER:do:order.completed`),
  ],
  [
    'an event tells of what was rolled back',
    '3 events tell what happened',
    (d) => d.outbox.push({ ...only(d.outbox, () => true), key: `${IDS.compensated}:CLOSE:do:fault.closed` }),
  ],
  ['an event was never relayed', '3 no event is lost', (d) => (only(d.outbox, () => true).relayed_at = null)],
  ['an event was relayed and lost', '3 no event is lost', (d) => d.consumed.pop()],
  [
    'an event was heard that was never sent',
    '3 no event is made up',
    (d) => d.consumed.push({ key: `${IDS.unbought}:ACTIVATE_ORDER:do:order.completed`, name: 'order.completed' }),
  ],
  [
    'an ended saga has no time of its end',
    '4 the row of an ended saga is whole',
    (d) => (sagaOf(d, IDS.completed).completed_at = null),
  ],
  [
    'an ended saga waits',
    '4 the row of an ended saga is whole',
    (d) => (sagaOf(d, IDS.completed).wait_until = new Date()),
  ],
  [
    'a completed saga has steps left',
    '4 the row of an ended saga is whole',
    (d) => (sagaOf(d, IDS.completed).steps_done = 3),
  ],
  [
    'an ending is not its status',
    '4 the row of an ended saga is whole',
    (d) => (sagaOf(d, IDS.compensated).ending = 'TIMEOUT'),
  ],
  [
    'a step of an undone saga is DONE',
    '4 steps fit their saga',
    (d) => (stepOf(d, IDS.compensated, 'BOOK').status = 'DONE'),
  ],
  [
    'a step of a completed saga has no row',
    '4 steps fit their saga',
    (d) => without(d.steps, (row) => row === stepOf(d, IDS.completed, 'CLAIM')),
  ],
  [
    'an output is not in the state',
    '4 steps fit their saga',
    (d) => (stepOf(d, IDS.completed, 'BOOK').output = { book: 'other' }),
  ],
  [
    'a later step ran after a failed one',
    '4 steps fit their saga',
    (d) => (stepOf(d, IDS.compensated, 'BOOK').status = 'FAILED'),
  ],
  [
    'a job of an ended saga sleeps',
    '4 no job is left of an ended saga',
    (d) => d.jobs.push({ queue: 'saga-steps', id: 'x', state: 'delayed', sagaId: IDS.completed }),
  ],
  [
    'a parent of an ended saga waits',
    '4 no job is left of an ended saga',
    (d) => d.jobs.push({ queue: 'saga-outcomes', id: 'x', state: 'waiting-children', sagaId: IDS.compensated }),
  ],
  [
    'a job of a parked saga is ready',
    '4 no job is left of an ended saga',
    (d) => d.jobs.push({ queue: 'saga-compensations', id: 'x', state: 'wait', sagaId: IDS.parked }),
  ],
  [
    'a job of no saga is left',
    '4 no job is left of an ended saga',
    (d) => d.jobs.push({ queue: 'saga-steps', id: 'x', state: 'wait', sagaId: 'every_kind-9' }),
  ],
];

/** What the API shows is what it was before. */
const STALE_VIEWS: readonly (readonly [string, (draft: Draft) => unknown])[] = [
  ['the API shows another status', (d) => (sagaOf(d, IDS.completed).error_message = 'other')],
  ['the API shows no task', (d) => (only(d.tasks, (task) => task.status === 'open').status = 'resolved')],
  ['the API shows another output', (d) => (stepOf(d, IDS.parked, 'BOOK').output = { other: true })],
  ['the API does not show a saga', (d) => (d.views = new Map([[IDS.completed, undefined]]))],
];

const brokenRules = (draft: Draft) => [...new Set(checkInvariants(draft).map(({ rule }) => rule))];

test('sagas that went as they should break no rule', () => {
  expect(checkInvariants(honestEvidence())).toEqual([]);
});

test.each(LIES)('it shows when %s', (_what, rule, lie) => {
  const draft = honestEvidence();
  lie(draft);
  expect(brokenRules(refreshViews(draft))).toContain(rule);
});

test.each(STALE_VIEWS)('it shows when %s', (_what, lie) => {
  const draft = honestEvidence();
  lie(draft);
  expect(brokenRules(draft)).toContain('4 the API shows what the rows say');
});

test('a process that was frozen is excused for what it began too late', () => {
  const draft = honestEvidence();
  const line = lineOf(draft, IDS.completed, 'begin', 'BOOK');
  addLine(draft, line, { atMs: line.atMs + MINUTE_MS });
  expect(brokenRules(draft)).toContain('3 nothing runs again once it is recorded');
  draft.impaired.push({ pid: line.pid, fromMs: line.atMs, toMs: line.atMs + MINUTE_MS, why: 'frozen' });
  expect(checkInvariants(draft)).toEqual([]);
  only(draft.impaired, () => true).pid = line.pid + 1;
  expect(brokenRules(draft)).toContain('3 nothing runs again once it is recorded');
});

test('a flow may be replaced between two steps', () => {
  const draft = honestEvidence();
  replaceFlow(draft, IDS.completed, lineOf(draft, IDS.completed, 'begin', 'BOOK').atMs - 100);
  expect(checkInvariants(draft)).toEqual([]);
});

test('a step whose only run was turned away may be skipped', () => {
  const draft = honestEvidence();
  without(draft.steps, (row) => row === stepOf(draft, IDS.compensated, 'SEND'));
  without(draft.lines, (line) => line === lineOf(draft, IDS.compensated, 'undo', 'SEND'));
  lineOf(draft, IDS.compensated, 'do', 'SEND').outcome = 'unavailable';
  expect(brokenRules(draft)).not.toContain('3 what was begun and undone can never act');
});

test('an undo of what never took effect breaks no rule, if its key is closed', () => {
  const draft = honestEvidence();
  without(draft.lines, (line) => line === lineOf(draft, IDS.compensated, 'do', 'SEND'));
  lineOf(draft, IDS.compensated, 'undo', 'SEND').outcome = 'voided';
  expect(checkInvariants(draft)).toEqual([]);
});

test('a parked saga keeps its failed compensation and its waiting parent in Redis', () => {
  const draft = honestEvidence();
  draft.jobs.push({ queue: 'saga-compensations', id: 'x', state: 'failed', sagaId: IDS.parked });
  draft.jobs.push({ queue: 'saga-outcomes', id: 'y', state: 'waiting-children', sagaId: IDS.parked });
  expect(checkInvariants(draft)).toEqual([]);
});

test('every rule is told a lie', () => {
  const sources = readdirSync(FOLDER).map((file) => readFileSync(new URL(file, FOLDER), 'utf8'));
  const rules = sources.flatMap((source) => source.match(/(?<=')[1-4] [a-z][^'\n]+(?=')/g) ?? []);
  const lied = new Set([...LIES.map(([, rule]) => rule), '4 the API shows what the rows say']);
  expect(new Set(rules)).toEqual(lied);
});
