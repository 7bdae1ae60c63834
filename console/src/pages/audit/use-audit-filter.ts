import { useMemo } from 'react';
import { useSearchParams } from 'wouter';
import type { AuditFilter as AuditQuery } from '../../api/filters.ts';
import { ACTION_WORDS } from '../../model/words.ts';

const FIELDS = ['actor', 'action', 'sagaId'] as const;
export type AuditField = (typeof FIELDS)[number];

export interface AuditFilter {
  readonly query: AuditQuery;
  readonly isActive: boolean;
  /** Empty text takes the field away. */
  readonly set: (field: AuditField, value: string) => void;
  readonly clear: () => void;
}

export function useAuditFilter(): AuditFilter {
  const [search, setSearch] = useSearchParams();
  const text = search.toString();
  const query = useMemo(() => readFilter(new URLSearchParams(text)), [text]);
  return {
    query,
    isActive: Object.keys(query).length > 0,
    set: (field, value) => {
      const next = new URLSearchParams(search);
      if (value === '') next.delete(field);
      else next.set(field, value);
      setSearch(next, { replace: true });
    },
    clear: () => setSearch(new URLSearchParams(), { replace: true }),
  };
}

/** An address may be written by hand: what the API would refuse is left out. */
function readFilter(search: URLSearchParams): AuditQuery {
  const filter: Partial<Record<AuditField, string>> = {};
  for (const field of FIELDS) {
    const value = search.get(field)?.trim() ?? '';
    if (value !== '' && (field !== 'action' || value in ACTION_WORDS)) filter[field] = value;
  }
  return filter;
}
