import { useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'wouter';
import { overviewQuery } from '../../api/queries.ts';
import { OVERVIEW_WINDOWS, type OverviewWindow } from '../../api/types.ts';
import { Page } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Counts } from './counts.tsx';
import { Degradations, Health } from './health.tsx';
import { NeedsYou } from './needs-you.tsx';
import { Queues } from './queues.tsx';
import { Throughput } from './throughput.tsx';

export default function OverviewPage() {
  const [window, setWindow] = useWindow();
  const overview = useQuery({ ...overviewQuery(window), placeholderData: (before) => before });
  return (
    <Page title="Overview">
      <QueryView query={overview} failure="The overview could not be read">
        {(data) => (
          <>
            <Degradations overview={data} />
            <NeedsYou overview={data} />
            <Health overview={data} />
            <Counts counts={data.counts} />
            <Throughput overview={data} window={window} onWindow={setWindow} />
            <Queues />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function useWindow() {
  const [search, setSearch] = useSearchParams();
  const window = OVERVIEW_WINDOWS.find((value) => value === search.get('window')) ?? '24h';
  const setWindow = (value: OverviewWindow) => setSearch({ window: value }, { replace: true });
  return [window, setWindow] as const;
}
