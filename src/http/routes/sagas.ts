import { z } from 'zod';
import { cancelSaga } from '../handlers/cancel-saga.ts';
import { listSagas } from '../handlers/list-sagas.ts';
import { retryCompensation } from '../handlers/retry-compensation.ts';
import { showSaga } from '../handlers/show-saga.ts';
import { signalSaga } from '../handlers/signal-saga.ts';
import { startSaga } from '../handlers/start-saga.ts';
import { idempotencyHeader, jsonObject, paging, reason, sagaId, sagaType, stepName } from '../parameters.ts';
import { sagaFilter } from '../saga-filter.ts';
import { route, type Route } from '../route.ts';
import { pageOf, refusal, sagaStatus, sagaSummary, sagaView } from '../views.ts';

export const sagaRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/sagas/:type',
    role: 'starter',
    summary: 'Start a saga; the body is its input',
    params: z.object({ type: sagaType }),
    headers: idempotencyHeader,
    body: jsonObject,
    responses: {
      202: { description: 'Accepted', schema: z.object({ sagaId: z.string(), status: sagaStatus }) },
      404: refusal('UNKNOWN_SAGA_TYPE'),
      409: refusal('SUBJECT_BUSY: an unfinished saga of this type works on the same thing'),
      422: refusal('INVALID_INPUT, INVALID_REQUEST or IDEMPOTENCY_KEY_REUSED'),
    },
    handler: startSaga,
  }),
  route({
    method: 'get',
    path: '/api/sagas',
    role: 'viewer',
    summary: 'List sagas, newest first',
    query: z.strictObject({ ...sagaFilter, ...paging }),
    responses: {
      200: { description: 'A page of sagas', schema: pageOf(sagaSummary) },
      422: refusal('INVALID_REQUEST, INVALID_CURSOR or SEARCH_TOO_BROAD'),
    },
    handler: listSagas,
  }),
  route({
    method: 'get',
    path: '/api/sagas/:sagaId',
    role: 'viewer',
    summary: 'Show a saga with its steps, tasks and log',
    params: z.object({ sagaId }),
    responses: { 200: { description: 'The saga', schema: sagaView }, 404: refusal('UNKNOWN_SAGA') },
    handler: showSaga,
  }),
  route({
    method: 'post',
    path: '/api/sagas/:sagaId/signals/:name',
    role: 'starter',
    summary: 'Bring a waiting step its answer; the body is the payload',
    params: z.object({ sagaId, name: stepName }),
    headers: idempotencyHeader,
    body: z.unknown(),
    responses: {
      202: {
        description: 'Accepted, now or before',
        schema: z.object({ sagaId: z.string(), name: z.string(), accepted: z.enum(['now', 'before']) }),
      },
      404: refusal('UNKNOWN_SAGA or UNKNOWN_SIGNAL'),
      409: refusal('SIGNAL_ALREADY_RECEIVED or WRONG_STATE'),
      422: refusal('INVALID_SIGNAL or INVALID_REQUEST'),
    },
    handler: signalSaga,
  }),
  route({
    method: 'post',
    path: '/api/sagas/:sagaId/cancel',
    role: 'operator',
    summary: 'Cancel a saga that has not ended: what it did is undone',
    params: z.object({ sagaId }),
    body: z.strictObject({ reason }),
    responses: {
      202: { description: 'Cancelled; it is being undone', schema: sagaView },
      404: refusal('UNKNOWN_SAGA'),
      409: refusal('WRONG_STATE: it has ended, or was cancelled before'),
    },
    handler: cancelSaga,
  }),
  route({
    method: 'post',
    path: '/api/sagas/:sagaId/compensations/:step/retry',
    role: 'operator',
    summary: 'Requeue a failed compensation',
    params: z.object({ sagaId, step: stepName }),
    body: z.strictObject({ reason: reason.exactOptional() }).optional(),
    responses: {
      202: { description: 'Requeued', schema: sagaView },
      404: refusal('UNKNOWN_SAGA or UNKNOWN_STEP'),
      409: refusal('WRONG_STATE: this compensation has not failed'),
    },
    handler: retryCompensation,
  }),
];
