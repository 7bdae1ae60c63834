import { Center, Loader } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { createContext, use, type ReactNode } from 'react';
import { sessionQuery } from '../api/queries.ts';
import type { Session } from '../api/types.ts';
import { Failure } from '../components/states.tsx';

const SessionContext = createContext<Session | null>(null);

/** Who looks at this. Only below `SessionGate`. */
export function useSession(): Session {
  const session = use(SessionContext);
  if (session === null) throw new Error('There is no session here: SessionGate is missing');
  return session;
}

/** Shows its children to whoever is logged in. That nobody is, the query client hears of the 401 and leads to the login. */
export function SessionGate({ children }: { readonly children: ReactNode }) {
  const session = useQuery(sessionQuery);
  if (session.data) return <SessionContext value={session.data}>{children}</SessionContext>;
  return (
    <Center mih="100vh" p="md">
      {session.error ? (
        <Failure what="The API does not answer" error={session.error} onRetry={() => void session.refetch()} />
      ) : (
        <Loader aria-label="Loading" />
      )}
    </Center>
  );
}
