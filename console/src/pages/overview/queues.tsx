import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { queuesQuery } from '../../api/queries.ts';
import type { QueueView } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { Pill } from '../../components/pill.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Loading } from '../../components/states.tsx';
import { queueUrl } from '../../shell/paths.ts';
import classes from './queues.module.css';

const COLUMNS = ['waiting', 'active', 'delayed', 'prioritized', 'failed'] as const;

export function Queues() {
  const queues = useQuery(queuesQuery);
  return (
    <Card title="Queues" flush>
      <QueryView query={queues} failure="The queues could not be read" loading={<Loading rows={3} height={24} />}>
        {(items) => (items.length === 0 ? <Text p="md">There are none.</Text> : <QueueTable queues={items} />)}
      </QueryView>
    </Card>
  );
}

function QueueTable({ queues }: { readonly queues: readonly QueueView[] }) {
  return (
    // A region that scrolls has to be reached by keyboard.
    <div role="region" className={classes['scroll']} aria-label="Queues, by state of their jobs" tabIndex={0}>
      <table className={classes['table']}>
        <thead>
          <tr>
            <th scope="col">Queue</th>
            {COLUMNS.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
            <th scope="col">workers</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((queue) => (
            <tr key={queue.name}>
              <th scope="row">
                <Anchor href={queueUrl(queue.name)} size="sm">
                  {queue.name}
                </Anchor>{' '}
                {queue.paused ? <Pill tone="turning">Paused</Pill> : null}
              </th>
              {COLUMNS.map((column) => (
                <td key={column} data-zero={queue[column] === 0 || undefined}>
                  {queue[column].toLocaleString('en')}
                </td>
              ))}
              <td>{queue.workers ?? 'not known'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
