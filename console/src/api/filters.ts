/** Which part of a list is asked for, as the API takes it. */
import type { Query } from './client.ts';

export interface SagaListFilter extends Query {
  readonly type?: string;
  /** Comma-separated. */
  readonly status?: string;
  readonly from?: string;
  readonly to?: string;
  readonly q?: string;
}

export interface TaskListFilter extends Query {
  readonly status?: 'open' | 'resolved';
  readonly fingerprint?: string;
}

export interface AuditFilter extends Query {
  readonly actor?: string;
  readonly action?: string;
  readonly sagaId?: string;
}
