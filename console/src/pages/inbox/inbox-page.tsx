import { Tabs } from '@mantine/core';
import { useSearchParams } from 'wouter';
import { Page } from '../../components/page.tsx';
import { OpenTasks } from './open-tasks.tsx';
import { ResolvedTasks } from './resolved-tasks.tsx';

const TABS = ['open', 'resolved'] as const;

export default function InboxPage({ taskId }: { readonly taskId: string | null }) {
  const [search, setSearch] = useSearchParams();
  const tab = TABS.find((value) => value === search.get('tab')) ?? 'open';
  return (
    <Page title="Inbox" subtitle="What waits for a person">
      <Tabs value={tab} onChange={(value) => setSearch(value === 'resolved' ? { tab: value } : {})} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="open">Open</Tabs.Tab>
          <Tabs.Tab value="resolved">Resolved</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="open" pt="md">
          <OpenTasks taskId={taskId} />
        </Tabs.Panel>
        <Tabs.Panel value="resolved" pt="md">
          <ResolvedTasks />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
