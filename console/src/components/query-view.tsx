import type { ReactNode } from 'react';
import { Failure, Loading } from './states.tsx';

interface Asked<T> {
  readonly data: T | undefined;
  readonly error: Error | null;
  readonly refetch: () => Promise<unknown>;
}

interface QueryViewProps<T> {
  readonly query: Asked<T>;
  /** What could not be read, for the error: `The sagas could not be read`. */
  readonly failure: string;
  readonly loading?: ReactNode;
  readonly children: (data: T) => ReactNode;
}

/** An answer, or what is shown while there is none. What was read once stays; the banner says that it is old. */
export function QueryView<T>({ query, failure, loading = <Loading />, children }: QueryViewProps<T>) {
  if (query.data !== undefined) return children(query.data);
  if (query.error === null) return loading;
  return <Failure what={failure} error={query.error} onRetry={() => void query.refetch()} />;
}
