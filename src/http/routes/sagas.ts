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
import { CANCELLED, PURCHASE_ID, REFUND_INPUT, SAGA, SAGA_ID, SUMMARY } from '../examples.ts';
import { SAGAS } from '../tags.ts';
import { answer, pageOf, refusal, sagaStatus, sagaSummary, sagaView } from '../views.ts';

const started = z.object({ sagaId: z.string(), status: sagaStatus });

const signalled = z.object({
  sagaId: z.string(),
  name: z.string(),
  accepted: z.enum(['now', 'before']).describe('before: the same signal, by its key, was received earlier'),
});

export const sagaRoutes: readonly Route[] = [
  route({
    method: 'post',
    path: '/api/sagas/:type',
    role: 'starter',
    summary: 'Start a saga; the body is its input',
    name: 'startSaga',
    tag: SAGAS,
    example: { params: { type: 'PAYMENT_REFUND' }, headers: { 'idempotency-key': 'refund-4711' }, body: REFUND_INPUT },
    params: z.object({ type: sagaType }),
    headers: idempotencyHeader,
    body: jsonObject,
    responses: {
      202: answer('Accepted', started, { sagaId: SAGA_ID, status: 'RUNNING' }, { Location: 'The path of the saga' }),
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
    name: 'listSagas',
    tag: SAGAS,
    example: { query: { type: 'PAYMENT_REFUND', status: 'COMPLETED,COMPENSATED', limit: '20' } },
    query: z.strictObject({ ...sagaFilter, ...paging }),
    responses: {
      200: answer('A page of sagas', pageOf(sagaSummary), { items: [SUMMARY], nextCursor: null }),
      422: refusal('INVALID_REQUEST, INVALID_CURSOR or SEARCH_TOO_BROAD'),
    },
    handler: listSagas,
  }),
  route({
    method: 'get',
    path: '/api/sagas/:sagaId',
    role: 'viewer',
    summary: 'Show a saga with its steps, tasks and log',
    name: 'showSaga',
    tag: SAGAS,
    example: { params: { sagaId: SAGA_ID } },
    params: z.object({ sagaId }),
    responses: { 200: answer('The saga', sagaView, SAGA), 404: refusal('UNKNOWN_SAGA') },
    handler: showSaga,
  }),
  route({
    method: 'post',
    path: '/api/sagas/:sagaId/signals/:name',
    role: 'starter',
    summary: 'Bring a waiting step its answer; the body is the payload',
    name: 'signalSaga',
    tag: SAGAS,
    example: {
      params: { sagaId: PURCHASE_ID, name: 'ALLOCATE_DEVICE' },
      headers: { 'idempotency-key': 'allocation-4711' },
      body: { deviceId: 'device-0007' },
    },
    params: z.object({ sagaId, name: stepName }),
    headers: idempotencyHeader,
    body: z.unknown(),
    responses: {
      202: answer('Accepted, now or before', signalled, {
        sagaId: PURCHASE_ID,
        name: 'ALLOCATE_DEVICE',
        accepted: 'now',
      }),
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
    name: 'cancelSaga',
    tag: SAGAS,
    example: { params: { sagaId: SAGA_ID }, body: { reason: 'The customer keeps the device' } },
    params: z.object({ sagaId }),
    body: z.strictObject({ reason }),
    responses: {
      202: answer('Cancelled; it is being undone', sagaView, CANCELLED),
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
    name: 'retryCompensation',
    tag: SAGAS,
    example: {
      params: { sagaId: SAGA_ID, step: 'SET_REFUNDING_STATUS' },
      body: { reason: 'The ledger is back' },
    },
    params: z.object({ sagaId, step: stepName }),
    body: z.strictObject({ reason: reason.exactOptional() }).optional(),
    responses: {
      202: answer('Requeued', sagaView, CANCELLED),
      404: refusal('UNKNOWN_SAGA or UNKNOWN_STEP'),
      409: refusal('WRONG_STATE: this compensation has not failed'),
    },
    handler: retryCompensation,
  }),
];
