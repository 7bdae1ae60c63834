import { IconHistoryOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { auditPages } from '../../api/queries.ts';
import { Card } from '../../components/card.tsx';
import { LoadMore } from '../../components/load-more.tsx';
import { Page } from '../../components/page.tsx';
import { QueryView } from '../../components/query-view.tsx';
import { Empty } from '../../components/states.tsx';
import { AuditFilters } from './audit-filters.tsx';
import { AuditList } from './audit-list.tsx';
import { useAuditFilter } from './use-audit-filter.ts';

export default function AuditPage() {
  const filter = useAuditFilter();
  const list = useInfiniteQuery(auditPages(filter.query));
  return (
    <Page title="Audit" subtitle="Who did what, and why. Nothing is ever taken out of it">
      <AuditFilters filter={filter} />
      <Card>
        <QueryView query={list} failure="The audit could not be read">
          {({ pages }) => {
            const entries = pages.flatMap((page) => page.items);
            if (entries.length > 0) return <AuditList entries={entries} />;
            return (
              <Empty
                icon={IconHistoryOff}
                title={filter.isActive ? 'Nothing fits these filters' : 'Nobody has done anything yet'}
              />
            );
          }}
        </QueryView>
        <LoadMore list={list} />
      </Card>
    </Page>
  );
}
