import { Anchor, Button } from '@mantine/core';
import { IconFilterOff, IconListDetails } from '@tabler/icons-react';
import { Link } from 'wouter';
import { Empty } from '../../components/states.tsx';

export function NoSagas({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  if (filtered) {
    return (
      <Empty icon={IconFilterOff} title="No saga fits these filters">
        <Button variant="default" size="xs" mt="xs" onClick={onClear}>
          Clear the filters
        </Button>
      </Empty>
    );
  }
  return (
    <Empty icon={IconListDetails} title="No sagas yet">
      The first one shows up here by itself.{' '}
      <Anchor component={Link} href="/start" underline="always">
        Start a saga
      </Anchor>
    </Empty>
  );
}
