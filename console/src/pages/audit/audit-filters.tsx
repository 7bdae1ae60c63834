import { Button, Group, NativeSelect } from '@mantine/core';
import { IconX } from '@tabler/icons-react';
import { DebouncedField } from '../../components/debounced-field.tsx';
import { ACTION_WORDS } from '../../model/words.ts';
import type { AuditFilter } from './use-audit-filter.ts';

const ACTIONS = [
  { value: '', label: 'Any action' },
  ...Object.keys(ACTION_WORDS).map((action) => ({ value: action, label: action })),
];

export function AuditFilters({ filter }: { readonly filter: AuditFilter }) {
  const { query, set } = filter;
  return (
    <search aria-label="Filter the audit">
      <Group gap="xs">
        <NativeSelect
          aria-label="Action"
          data={ACTIONS}
          value={query.action ?? ''}
          onChange={({ currentTarget }) => set('action', currentTarget.value)}
        />
        <DebouncedField
          label="Who"
          placeholder="Who"
          text={query.actor ?? ''}
          onChange={(value) => set('actor', value)}
        />
        <DebouncedField
          label="Saga id"
          placeholder="Saga id"
          text={query.sagaId ?? ''}
          onChange={(value) => set('sagaId', value)}
        />
        {filter.isActive ? (
          <Button variant="subtle" leftSection={<IconX size={14} aria-hidden="true" />} onClick={filter.clear}>
            Clear
          </Button>
        ) : null}
      </Group>
    </search>
  );
}
