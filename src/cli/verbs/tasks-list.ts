import { usageError } from '../cli-error.ts';
import type { TaskGroup, TaskView } from '../../store/views.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Column } from '../output/table.ts';
import { relative } from '../output/time.ts';
import { PAGE_OPTIONS, runListing } from './listing.ts';
import { verb, type VerbCall } from './verb.ts';

const STATUSES: readonly string[] = ['open', 'resolved', 'all'];

const FILTERS = {
  status: { type: 'string', value: 'STATUS', text: 'open, resolved or all. Default open' },
  type: { type: 'string', value: 'TYPE', text: 'of sagas of this type' },
  saga: { type: 'string', value: 'ID', text: 'of this saga' },
  fingerprint: { type: 'string', value: 'F', text: 'of this group' },
} as const;

const OPTIONS = {
  ...FILTERS,
  groups: { type: 'boolean', text: 'the open ones, by type, step and error; largest group first' },
  ...PAGE_OPTIONS,
} as const;

type Call = VerbCall<never, typeof OPTIONS>;

export const tasksList = verb({
  path: ['tasks', 'list'],
  summary: 'List what waits for a person',
  options: OPTIONS,
  examples: ['tasks list', 'tasks list --groups', 'tasks list --fingerprint 9f2c41d07be1 --all --json'],
  run: (call) => (call.options.groups === true ? listGroups(call) : listTasks(call)),
});

function listTasks(call: Call): Promise<ExitCode> {
  const { api, nowMs, options } = call;
  const { status = 'open', type, saga: sagaId, fingerprint } = options;
  if (!STATUSES.includes(status))
    throw usageError(`--status: expected ${STATUSES.join(', ')}, got ${JSON.stringify(status)}`);
  const filter = { ...(status === 'all' ? {} : { status }), type, sagaId, fingerprint };
  return runListing(call, {
    noun: status === 'all' ? 'tasks' : `${status} tasks`,
    columns: taskColumns(nowMs),
    read: (page) => api.listTasks({ ...filter, ...page }),
  });
}

function listGroups(call: Call): Promise<ExitCode> {
  const { api, nowMs, options } = call;
  const others = [...Object.keys(FILTERS), 'limit', 'all'].filter((name) => name in options);
  if (others.length > 0)
    throw usageError(`--groups goes without --${others.join(' and --')}: it shows all that is open`);
  return runListing(call, { noun: 'open tasks', columns: groupColumns(nowMs), read: () => api.listGroups() });
}

function taskColumns(nowMs: () => number): readonly Column<TaskView>[] {
  return [
    { title: 'TASK', value: ({ id }) => id, align: 'right' },
    { title: 'STATUS', value: ({ status }) => status, isStatus: true, leaves: 2 },
    { title: 'KIND', value: ({ kind }) => kind },
    { title: 'SAGA', value: ({ sagaId }) => sagaId, leaves: 1 },
    { title: 'STEP', value: ({ step }) => step, shrinks: true },
    { title: 'OPENED', value: ({ createdAt }) => relative(createdAt, nowMs()) },
    { title: 'MESSAGE', value: ({ message }) => message, shrinks: true },
    {
      title: 'RESOLUTIONS',
      value: ({ resolution, resolutions }) => resolution ?? resolutions.join(','),
      shrinks: true,
    },
  ];
}

function groupColumns(nowMs: () => number): readonly Column<TaskGroup>[] {
  return [
    { title: 'TASKS', value: ({ count }) => count, align: 'right' },
    { title: 'FINGERPRINT', value: ({ fingerprint }) => fingerprint },
    { title: 'TYPE', value: ({ type }) => type, shrinks: true },
    { title: 'STEP', value: ({ step }) => step, shrinks: true },
    { title: 'KIND', value: ({ kind }) => kind, shrinks: true, leaves: 1 },
    { title: 'OLDEST', value: ({ oldestAt }) => relative(oldestAt, nowMs()) },
    { title: 'RETRY', value: retryOf },
    { title: 'ERROR', value: ({ pattern }) => pattern, shrinks: true },
  ];
}

function retryOf({ retryable, retry }: TaskGroup): string {
  if (retry?.status === 'running') return `${retry.retried + retry.skipped} of ${retry.total}`;
  return retryable ? 'yes' : 'no';
}
