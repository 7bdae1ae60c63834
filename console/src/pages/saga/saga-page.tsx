import { useQuery, useQueryClient } from '@tanstack/react-query';
import { IconZoomQuestion } from '@tabler/icons-react';
import { ApiError, urlOf } from '../../api/client.ts';
import { keys } from '../../api/keys.ts';
import { sagaQuery } from '../../api/queries.ts';
import { useStream } from '../../api/stream.ts';
import type { SagaView } from '../../api/types.ts';
import { Card } from '../../components/card.tsx';
import { JsonTree } from '../../components/json-tree.tsx';
import { Page } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { CancelSaga } from './cancel-saga.tsx';
import { Facts } from './facts.tsx';
import { Jobs } from './jobs.tsx';
import { NextSentence } from './next-sentence.tsx';
import { OpenTasks } from './open-tasks.tsx';
import { SagaHeading } from './saga-heading.tsx';
import { Steps } from './steps.tsx';
import { Timeline } from './timeline.tsx';
import classes from './saga-page.module.css';

export function SagaPage({ sagaId }: { readonly sagaId: string }) {
  const query = useLiveSaga(sagaId);
  if (query.error instanceof ApiError && query.error.status === 404) return <UnknownSaga sagaId={sagaId} />;
  return (
    <Page
      title={query.data?.type ?? 'Saga'}
      subtitle={<SagaHeading sagaId={sagaId} status={query.data?.status} />}
      actions={query.data ? <CancelSaga saga={query.data} /> : null}
    >
      <QueryView query={query} failure="The saga could not be read">
        {(saga) => <Saga saga={saga} />}
      </QueryView>
    </Page>
  );
}

function useLiveSaga(sagaId: string) {
  const client = useQueryClient();
  const query = useQuery(sagaQuery(sagaId));
  const url = query.data ? urlOf(`/api/sagas/${encodeURIComponent(sagaId)}/stream`) : null;
  useStream(url, 'saga', (saga) => client.setQueryData(keys.saga(sagaId), saga));
  return query;
}

function Saga({ saga }: { readonly saga: SagaView }) {
  return (
    <>
      <NextSentence saga={saga} />
      <OpenTasks saga={saga} />
      <Facts saga={saga} />
      <div className={classes['columns']}>
        <div className={classes['main']}>
          <Card title="Steps" flush>
            <Steps saga={saga} />
          </Card>
          <Card title="Input">
            <JsonTree value={saga.input} label="Input" />
          </Card>
          <Card title="State">
            <JsonTree value={saga.state} label="State" />
          </Card>
        </div>
        <div className={classes['side']}>
          <Card title="Timeline">
            <Timeline saga={saga} />
          </Card>
          <Jobs sagaId={saga.sagaId} />
        </div>
      </div>
    </>
  );
}

function UnknownSaga({ sagaId }: { readonly sagaId: string }) {
  return (
    <Page title="No such saga">
      <Card>
        <Empty icon={IconZoomQuestion} title={`There is no saga ${sagaId}`}>
          It may have ended long ago: finished sagas are deleted after a while.
        </Empty>
      </Card>
    </Page>
  );
}
