import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query';
import { ApiError } from './client.ts';
import { isLoss, readConnection, reportLost, subscribeConnection } from './connection.ts';

/** `onSessionEnd`: an answer said that nobody is logged in. */
export function createQueryClient(onSessionEnd: () => void): QueryClient {
  const onError = (error: Error): void => {
    if (isLoss(error)) reportLost();
    if (error instanceof ApiError && error.status === 401 && error.code !== 'INVALID_KEY') onSessionEnd();
  };
  const client = new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: { retry: false, staleTime: 2_000, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
  refetchWhenRestored(client);
  return client;
}

function refetchWhenRestored(client: QueryClient): void {
  let { epoch } = readConnection();
  subscribeConnection(() => {
    const connection = readConnection();
    if (connection.epoch === epoch) return;
    epoch = connection.epoch;
    void client.invalidateQueries();
  });
}
