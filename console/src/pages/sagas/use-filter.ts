import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { SagaListFilter } from '../../api/filters.ts';
import { ALL_STATUSES } from '../../model/words.ts';
import type { SagaStatus } from '../../api/types.ts';

const FIELDS = ['type', 'status', 'q', 'from', 'to'] as const;
export type FilterField = (typeof FIELDS)[number];

export interface SagaFilter {
  readonly query: SagaListFilter;
  readonly isActive: boolean;
  readonly statuses: readonly SagaStatus[];
  /** Empty text takes the field away. */
  readonly set: (changes: Partial<Record<FilterField, string>>) => void;
  readonly clear: () => void;
}

/** The list's filter is in the address: it can be sent to a colleague, and is there after a reload. */
export function useFilter(): SagaFilter {
  const [search, setSearch] = useSearchParams();
  const text = search.toString();
  const query = useMemo(() => readFilter(new URLSearchParams(text)), [text]);
  const set: SagaFilter['set'] = (changes) => {
    const next = new URLSearchParams(search);
    for (const [name, value] of Object.entries(changes)) {
      if (value === '') next.delete(name);
      else next.set(name, value);
    }
    setSearch(next, { replace: true });
  };
  return {
    query,
    isActive: FIELDS.some((field) => query[field] !== undefined),
    statuses: statusesOf(query.status),
    set,
    clear: () => setSearch(new URLSearchParams(), { replace: true }),
  };
}

/** What the address says, as far as the API takes it: an address may be written by hand. */
function readFilter(search: URLSearchParams): SagaListFilter {
  const filter: Partial<Record<FilterField, string>> = {};
  for (const field of FIELDS) {
    const value = valueOf(field, search.get(field) ?? '');
    if (value !== '') filter[field] = value;
  }
  return filter;
}

function valueOf(field: FilterField, text: string): string {
  if (field === 'status') return statusesOf(text).join(',');
  if (field === 'from' || field === 'to') return Number.isNaN(Date.parse(text)) ? '' : new Date(text).toISOString();
  return text.trim().slice(0, 200);
}

const statusesOf = (text = ''): readonly SagaStatus[] => {
  const named = text.split(',');
  return ALL_STATUSES.filter((status) => named.includes(status));
};
