import { Button, Group, MultiSelect, Select } from '@mantine/core';
import { IconSearch, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { definitionsQuery } from '../../api/queries.ts';
import { DebouncedField } from '../../components/debounced-field.tsx';
import { ALL_STATUSES, SAGA_WORDS } from '../../model/words.ts';
import classes from './filters.module.css';
import { TimeFilter } from './time-filter.tsx';
import type { SagaFilter } from './use-filter.ts';

const STATUSES = ALL_STATUSES.map((value) => ({ value, label: SAGA_WORDS[value].text }));

export function Filters({ filter }: { readonly filter: SagaFilter }) {
  const { query, set } = filter;
  const types = useQuery(definitionsQuery).data?.map(({ type }) => type) ?? [];
  const known = query.type === undefined || types.includes(query.type) ? types : [query.type, ...types];
  return (
    <search aria-label="Filter the sagas">
      <Group gap="xs" align="flex-end" className={classes['filters']}>
        <DebouncedField
          label="Search"
          placeholder="Id, error or state"
          search
          icon={<IconSearch size={16} aria-hidden="true" />}
          text={query.q ?? ''}
          className={classes['search']}
          onChange={(q) => set({ q })}
        />
        <MultiSelect
          aria-label="Status"
          placeholder={filter.statuses.length === 0 ? 'Any status' : ''}
          data={STATUSES}
          value={[...filter.statuses]}
          onChange={(statuses) => set({ status: statuses.join(',') })}
          clearable
          clearButtonProps={{ 'aria-label': 'Any status' }}
          className={classes['status']}
        />
        <Select
          aria-label="Type"
          placeholder="Any type"
          data={known}
          value={query.type ?? null}
          onChange={(type) => set({ type: type ?? '' })}
          clearable
          clearButtonProps={{ 'aria-label': 'Any type' }}
          searchable
          className={classes['type']}
        />
        <TimeFilter from={query.from} to={query.to} onChange={set} />
        {filter.isActive ? (
          <Button variant="subtle" leftSection={<IconX size={14} aria-hidden="true" />} onClick={filter.clear}>
            Clear
          </Button>
        ) : null}
      </Group>
    </search>
  );
}
