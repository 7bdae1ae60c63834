import { Anchor, Group } from '@mantine/core';
import { Link } from 'wouter';
import type { SagaStatus } from '../../api/types.ts';
import { Copy } from '../../components/copy.tsx';
import { SagaPill } from '../../components/pill.tsx';
import classes from './saga-heading.module.css';

interface SagaHeadingProps {
  readonly sagaId: string;
  readonly status: SagaStatus | undefined;
}

export function SagaHeading({ sagaId, status }: SagaHeadingProps) {
  return (
    <Group gap="xs">
      {status ? <SagaPill status={status} /> : null}
      <span className={classes['id']}>{sagaId}</span>
      <Copy value={sagaId} what="saga id" />
      <Anchor component={Link} href={`/audit?${new URLSearchParams({ sagaId }).toString()}`} size="sm">
        Audit
      </Anchor>
    </Group>
  );
}
