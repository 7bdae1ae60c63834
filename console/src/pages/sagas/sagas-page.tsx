import { Card } from '../../components/card.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Page } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Filters } from './filters.tsx';
import { NewRows } from './new-rows.tsx';
import { NoSagas } from './no-sagas.tsx';
import { SagaTable } from './saga-table.tsx';
import { useFilter, type SagaFilter } from './use-filter.ts';
import { useLiveSagas } from './use-live-sagas.ts';

export function SagasPage() {
  const filter = useFilter();
  return (
    <Page title="Sagas" subtitle="Newest first, and kept current">
      <Filters filter={filter} />
      <SagaList key={JSON.stringify(filter.query)} filter={filter} />
    </Page>
  );
}

function SagaList({ filter }: { readonly filter: SagaFilter }) {
  const live = useLiveSagas(filter.query);
  return (
    <>
      <NewRows waiting={live.waiting} departed={live.departed.size} onShow={live.show} />
      <Card>
        <QueryView query={live.list} failure="The sagas could not be read">
          {({ pages }) => {
            const sagas = pages.flatMap((page) => page.items);
            if (sagas.length === 0) return <NoSagas filtered={filter.isActive} onClear={filter.clear} />;
            return <SagaTable sagas={sagas} departed={live.departed} label="Sagas" />;
          }}
        </QueryView>
        <LoadMore list={live.list} />
      </Card>
    </>
  );
}
