import type { Route } from './route.ts';
import { auditRoutes } from './routes/audit.ts';
import { definitionRoutes } from './routes/definitions.ts';
import { deskRoutes } from './routes/desk.ts';
import { sagaRoutes } from './routes/sagas.ts';
import { sessionRoutes } from './routes/session.ts';
import { serviceRoutes } from './routes/service.ts';
import { streamRoutes } from './routes/streams.ts';
import { taskRoutes } from './routes/tasks.ts';

/** The library's own routes. */
export const ROUTES: readonly Route[] = [
  ...streamRoutes,
  ...sagaRoutes,
  ...taskRoutes,
  ...auditRoutes,
  ...definitionRoutes,
  ...deskRoutes,
  ...sessionRoutes,
  ...serviceRoutes,
];
