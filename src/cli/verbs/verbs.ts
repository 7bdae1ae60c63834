import { audit } from './audit.ts';
import { queues } from './queues.ts';
import { sagasCancel } from './sagas-cancel.ts';
import { sagasList } from './sagas-list.ts';
import { sagasRetry } from './sagas-retry.ts';
import { sagasShow } from './sagas-show.ts';
import { sagasSignal } from './sagas-signal.ts';
import { sagasStart } from './sagas-start.ts';
import { tasksList } from './tasks-list.ts';
import { tasksResolve } from './tasks-resolve.ts';
import { tasksRetryGroup } from './tasks-retry-group.ts';
import { tasksShow } from './tasks-show.ts';
import type { Verb } from './verb.ts';

/** The commands that talk to the API, in the order of the help. */
export const VERBS: readonly Verb[] = [
  sagasList,
  sagasShow,
  sagasStart,
  sagasCancel,
  sagasSignal,
  sagasRetry,
  tasksList,
  tasksShow,
  tasksResolve,
  tasksRetryGroup,
  queues,
  audit,
];
