import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { Loading } from './components/states.tsx';
import { LoginPage } from './pages/login/login-page.tsx';
import { NotFoundPage } from './pages/not-found-page.tsx';
import { SagaPage } from './pages/saga/saga-page.tsx';
import { SagasPage } from './pages/sagas/sagas-page.tsx';
import { LOGIN_PATH } from './shell/paths.ts';
import { SessionGate } from './shell/session.tsx';
import { Shell } from './shell/shell.tsx';

const OverviewPage = lazy(() => import('./pages/overview/overview-page.tsx'));
const InboxPage = lazy(() => import('./pages/inbox/inbox-page.tsx'));
const StartPage = lazy(() => import('./pages/start/start-page.tsx'));
const AuditPage = lazy(() => import('./pages/audit/audit-page.tsx'));

export function App() {
  return (
    <Switch>
      <Route path={LOGIN_PATH} component={LoginPage} />
      <Route>
        <SessionGate>
          <Shell>
            <Suspense fallback={<Loading />}>
              <Pages />
            </Suspense>
          </Shell>
        </SessionGate>
      </Route>
    </Switch>
  );
}

function Pages() {
  return (
    <Switch>
      <Route path="/" component={OverviewPage} />
      <Route path="/sagas" component={SagasPage} />
      <Route path="/sagas/:sagaId">{({ sagaId }) => <SagaPage key={sagaId} sagaId={sagaId} />}</Route>
      <Route path="/inbox/:taskId?">{({ taskId }) => <InboxPage taskId={taskId ?? null} />}</Route>
      <Route path="/start/:type?">{({ type }) => <StartPage type={type ?? null} />}</Route>
      <Route path="/audit" component={AuditPage} />
      <Route component={NotFoundPage} />
    </Switch>
  );
}
