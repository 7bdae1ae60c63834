import type { SagaSummary } from '../../store/views.ts';
import type { Column } from '../output/table.ts';
import { parseMoment, relative } from '../output/time.ts';
import { PAGE_OPTIONS, runListing } from './listing.ts';
import { verb } from './verb.ts';

export const sagasList = verb({
  path: ['sagas', 'list'],
  summary: 'List sagas, newest first',
  options: {
    type: { type: 'string', value: 'TYPE', text: 'of this type' },
    status: { type: 'string', value: 'S,S', text: 'of one of these statuses; FAILED are parked and wait for a person' },
    since: { type: 'string', value: 'WHEN', text: 'started at this time or later: 30m, 2h, 7d (ago), or an ISO time' },
    until: { type: 'string', value: 'WHEN', text: 'started before this time' },
    query: { type: 'string', value: 'TEXT', text: 'with this text in id, error or state' },
    ...PAGE_OPTIONS,
  },
  examples: [
    'sagas list --status FAILED',
    'sagas list --type PAYMENT_REFUND --since 2h --watch',
    "sagas list --query pay-0001 --all --json | jq -r 'select(.retryCount > 0) | .sagaId'",
  ],
  run: (call) => {
    const { api, options, nowMs } = call;
    const { type, status, since, until, query: q } = options;
    const moment = (name: string, text: string | undefined) =>
      text === undefined ? undefined : parseMoment(name, text, nowMs());
    const from = moment('--since', since);
    const to = moment('--until', until);
    return runListing(call, {
      noun: 'sagas',
      columns: columnsOf(nowMs),
      read: (page) => api.listSagas({ type, status, from, to, q, ...page }),
    });
  },
});

function columnsOf(nowMs: () => number): readonly Column<SagaSummary>[] {
  return [
    { title: 'SAGA', value: ({ sagaId }) => sagaId },
    { title: 'STATUS', value: ({ status }) => status, isStatus: true },
    { title: 'TYPE', value: ({ type }) => type, leaves: 3 },
    { title: 'STEP', value: ({ currentStep }) => currentStep, shrinks: true },
    { title: 'STARTED', value: ({ startedAt }) => relative(startedAt, nowMs()) },
    { title: 'RETRIES', value: ({ retryCount }) => retryCount, align: 'right', leaves: 2 },
    { title: 'ERROR', value: ({ error, reason }) => error ?? reason, shrinks: true, leaves: 1 },
  ];
}
