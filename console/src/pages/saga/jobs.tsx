import { Anchor, Text } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { jobsQuery } from '../../api/queries.ts';
import type { SagaJob } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Loading } from '../../components/states.tsx';
import { jobUrl } from '../../shell/paths.ts';
import classes from './jobs.module.css';

/** Its jobs in the queues, which may be gone: the record is what counts. */
export function Jobs({ sagaId }: { readonly sagaId: string }) {
  const jobs = useQuery(jobsQuery(sagaId));
  return (
    <Card title="Jobs in the queues">
      <QueryView query={jobs} failure="The queues could not be read" loading={<Loading rows={2} height={20} />}>
        {(items) =>
          items.length === 0 ? (
            <Text size="sm" c="dimmed">
              None. Jobs are messengers: the saga's record stays when they are gone.
            </Text>
          ) : (
            <ul className={classes['jobs']}>
              {items.map((job) => (
                <Job key={`${job.queue}/${job.id}`} job={job} />
              ))}
            </ul>
          )
        }
      </QueryView>
    </Card>
  );
}

const KINDS: Readonly<Record<SagaJob['kind'], string>> = { step: 'step', compensation: 'undo', outcome: 'outcome' };

function Job({ job }: { readonly job: SagaJob }) {
  return (
    <li>
      <Anchor href={jobUrl(job.queue, job.id)} size="sm" title={`Job ${job.id} of ${job.queue} in Bull Board`}>
        {job.step ?? 'outcome'}
      </Anchor>
      <span>
        {job.step === null ? '' : `${KINDS[job.kind]}, `}
        {job.state}
      </span>
    </li>
  );
}
