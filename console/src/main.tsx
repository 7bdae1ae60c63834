import '@mantine/core/styles.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { Router } from 'wouter';
import { navigate } from 'wouter/use-browser-location';
import { createQueryClient } from './api/query-client.ts';
import { sessionQuery } from './api/queries.ts';
import { App } from './app.tsx';
import { CONSOLE_URL, LOGIN_PATH } from './shell/paths.ts';
import { cssVariables, theme } from './theme.ts';

/** Leads to the login, and from there back to where one was. */
function askToLogIn(): void {
  const { pathname, search } = location;
  if (pathname === CONSOLE_URL + LOGIN_PATH) return;
  // The login is the application's: it decides what is shown in place of this page.
  if (client.getQueryData(sessionQuery.queryKey)?.kind === 'application') return location.reload();
  client.removeQueries();
  navigate(`${CONSOLE_URL}${LOGIN_PATH}?${new URLSearchParams({ next: pathname + search }).toString()}`);
}

const client = createQueryClient(askToLogIn);
const root = document.querySelector('#root');
if (!root) throw new Error('The page has no element #root');

createRoot(root).render(
  <StrictMode>
    <MantineProvider theme={theme} cssVariablesResolver={cssVariables} defaultColorScheme="auto">
      <QueryClientProvider client={client}>
        <Router base={CONSOLE_URL}>
          <App />
        </Router>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
