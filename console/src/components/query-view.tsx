import { useState, type ReactNode } from 'react';
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
  // Asking again takes the error away; it is shown until there is an answer, or the page would flicker at each poll.
  const [lastError, setLastError] = useState(query.error);
  if (query.error !== null && query.error !== lastError) setLastError(query.error);
  if (query.data !== undefined) return children(query.data);
  if (lastError === null) return loading;
  return <Failure what={failure} error={lastError} onRetry={() => void query.refetch()} />;
}
