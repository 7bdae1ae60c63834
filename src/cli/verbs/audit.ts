import type { AuditEntry } from '../../store/views.ts';
import type { Column } from '../output/table.ts';
import { relative } from '../output/time.ts';
import { PAGE_OPTIONS, runListing } from './listing.ts';
import { verb } from './verb.ts';

export const audit = verb({
  path: ['audit'],
  summary: 'List what people did and why, newest first',
  options: {
    actor: { type: 'string', value: 'NAME', text: 'by the key of this name' },
    action: {
      type: 'string',
      value: 'ACTION',
      text: 'start, cancel, signal, resolve, retry, retry-group, queue, login, logout',
    },
    saga: { type: 'string', value: 'ID', text: 'to this saga' },
    ...PAGE_OPTIONS,
  },
  examples: ['audit --saga payment_refund-5a1c…', 'audit --actor night-shift --limit 200', 'audit --all --json'],
  run: (call) => {
    const { api, options, nowMs } = call;
    const { actor, action, saga: sagaId } = options;
    return runListing(call, {
      noun: 'entries',
      columns: columnsOf(nowMs),
      read: (page) => api.listAudit({ actor, action, sagaId, ...page }),
    });
  },
});

function columnsOf(nowMs: () => number): readonly Column<AuditEntry>[] {
  return [
    { title: 'WHEN', value: ({ at }) => relative(at, nowMs()) },
    { title: 'WHO', value: ({ actor }) => actor, shrinks: true },
    { title: 'ACTION', value: ({ action }) => action },
    { title: 'DETAIL', value: ({ detail }) => detail, shrinks: true },
    { title: 'SAGA', value: ({ sagaId }) => sagaId, leaves: 1 },
    { title: 'STEP', value: ({ step }) => step, shrinks: true },
    { title: 'TASK', value: ({ taskId }) => taskId, align: 'right' },
    { title: 'REASON', value: ({ reason }) => reason, shrinks: true },
  ];
}
