import { Anchor } from '@mantine/core';
import { IconMapOff } from '@tabler/icons-react';
import { Link } from 'wouter';
import { Card } from '../components/card.tsx';
import { Page } from '../components/page.tsx';
import { Empty } from '../components/states.tsx';

export function NotFoundPage() {
  return (
    <Page title="No such page">
      <Card>
        <Empty icon={IconMapOff} title="There is nothing at this address">
          <Anchor component={Link} href="/">
            To the overview
          </Anchor>
        </Empty>
      </Card>
    </Page>
  );
}
