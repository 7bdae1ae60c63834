/** What is shown in place of data that is not there. */
import { Button, Skeleton, Stack, Text, ThemeIcon } from '@mantine/core';
import { IconRefresh, type Icon } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Notice } from './notice.tsx';

interface EmptyProps {
  readonly icon: Icon;
  readonly title: string;
  readonly children?: ReactNode;
}

export function Empty({ icon: Glyph, title, children }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" py={48} px="md" ta="center">
      <ThemeIcon size={44} radius="xl" variant="default" aria-hidden="true">
        <Glyph size={22} stroke={1.6} />
      </ThemeIcon>
      <Text fw={600}>{title}</Text>
      {children ? (
        <Text size="sm" c="dimmed" component="div" maw={440}>
          {children}
        </Text>
      ) : null}
    </Stack>
  );
}

interface FailureProps {
  readonly what: string;
  readonly error: Error;
  readonly onRetry?: () => void;
}

export function Failure({ what, error, onRetry }: FailureProps) {
  return (
    <Notice title={what}>
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{error.message}</Text>
        {onRetry ? (
          <Button
            size="xs"
            variant="default"
            leftSection={<IconRefresh size={14} aria-hidden="true" />}
            onClick={onRetry}
          >
            Try again
          </Button>
        ) : null}
      </Stack>
    </Notice>
  );
}

interface LoadingProps {
  readonly rows?: number;
  readonly height?: number;
}

export function Loading({ rows = 6, height = 44 }: LoadingProps) {
  return (
    <Stack gap="xs" p="md" role="status" aria-label="Loading">
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="sm" />
      ))}
    </Stack>
  );
}
