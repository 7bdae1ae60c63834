import { Button, Group, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconX } from '@tabler/icons-react';
import { useState } from 'react';
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
        <TextFilter
          key={`actor ${query.actor ?? ''}`}
          label="Who"
          text={query.actor ?? ''}
          onChange={(value) => set('actor', value)}
        />
        <TextFilter
          key={`saga ${query.sagaId ?? ''}`}
          label="Saga id"
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

interface TextFilterProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

function TextFilter({ label, text, onChange }: TextFilterProps) {
  const [value, setValue] = useState(text);
  const tell = useDebouncedCallback((next: string) => onChange(next.trim()), { delay: 400, flushOnUnmount: true });
  return (
    <TextInput
      aria-label={label}
      placeholder={label}
      maxLength={200}
      value={value}
      onChange={({ currentTarget }) => {
        setValue(currentTarget.value);
        tell(currentTarget.value);
      }}
    />
  );
}
