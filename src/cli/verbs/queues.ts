import type { QueueView } from '../../queues/queue-counts.ts';
import type { Column } from '../output/table.ts';
import { runListing } from './listing.ts';
import { verb, WATCH } from './verb.ts';

export const queues = verb({
  path: ['queues'],
  summary: 'List the queues, with their jobs by state and their workers',
  options: { watch: WATCH },
  examples: ['queues', 'queues --watch', "queues --json | jq '.items[] | select(.paused)'"],
  run: (call) => runListing(call, { noun: 'queues', columns: COLUMNS, read: () => call.api.listQueues() }),
});

const count = (title: string, value: (queue: QueueView) => number | null): Column<QueueView> => ({
  title,
  value: (queue) => value(queue) ?? '?',
  align: 'right',
});

const COLUMNS: readonly Column<QueueView>[] = [
  { title: 'QUEUE', value: ({ name }) => name, shrinks: true },
  { title: 'STATE', value: ({ paused }) => (paused ? 'paused' : 'running'), isStatus: true },
  count('WORKERS', ({ workers }) => workers),
  count('ACTIVE', ({ active }) => active),
  count('WAITING', ({ waiting, prioritized }) => waiting + prioritized),
  count('DELAYED', ({ delayed }) => delayed),
  count('FAILED', ({ failed }) => failed),
  { ...count('COMPLETED', ({ completed }) => completed), leaves: 1 },
];
