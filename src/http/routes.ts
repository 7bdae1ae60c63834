import { z } from 'zod';
import { exposeMetrics } from './handlers/expose-metrics.ts';
import { health } from './handlers/health.ts';
import { home } from './handlers/home.ts';
import { listSagas } from './handlers/list-sagas.ts';
import { listTasks } from './handlers/list-tasks.ts';
import { showOpenApi } from './handlers/open-api.ts';
import { cancelSaga } from './handlers/cancel-saga.ts';
import { readiness } from './handlers/readiness.ts';
import { resolveTask } from './handlers/resolve-task.ts';
import { retryCompensation } from './handlers/retry-compensation.ts';
import { showAutoscaling } from './handlers/show-autoscaling.ts';
import { showMetrics } from './handlers/show-metrics.ts';
import { showSaga } from './handlers/show-saga.ts';
import { signalSaga } from './handlers/signal-saga.ts';
import { startSaga } from './handlers/start-saga.ts';
import { idempotencyHeader, jsonObject, paging, reason, sagaId, sagaType, stepName, taskId } from './parameters.ts';
import { route, type Route } from './route.ts';
import {
  autoscaling,
  pageOf,
  refusal,
  resolution,
  sagaMetrics,
  sagaStatus,
  sagaSummary,
  sagaView,
  taskView,
} from './views.ts';

const upOrDown = z.enum(['up', 'down']);
const servers = z.object({ postgres: upOrDown, queues: upOrDown });

const sagaRoutes: readonly Route[] = [
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
    query: z.strictObject({ type: sagaType.exactOptional(), status: sagaStatus.exactOptional(), ...paging }),
    responses: {
      200: { description: 'A page of sagas', schema: pageOf(sagaSummary) },
      422: refusal('INVALID_REQUEST or INVALID_CURSOR'),
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

const taskRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/tasks',
    role: 'viewer',
    summary: 'List what waits for a person',
    query: z.strictObject({ status: z.enum(['open', 'resolved']).exactOptional(), ...paging }),
    responses: {
      200: { description: 'A page of tasks', schema: pageOf(taskView) },
      422: refusal('INVALID_REQUEST or INVALID_CURSOR'),
    },
    handler: listTasks,
  }),
  route({
    method: 'post',
    path: '/api/tasks/:id/resolve',
    role: 'operator',
    summary: 'Resolve a task, with a reason',
    params: z.object({ id: taskId }),
    body: z.strictObject({ resolution, reason }),
    responses: {
      200: { description: 'The resolved task', schema: taskView },
      404: refusal('UNKNOWN_TASK'),
      409: refusal('WRONG_STATE: it is resolved, or this resolution is none of its'),
    },
    handler: resolveTask,
  }),
];

const serviceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/admin/sagas/metrics',
    role: 'viewer',
    summary: 'Count the sagas',
    responses: { 200: { description: 'The counts', schema: sagaMetrics } },
    handler: showMetrics,
  }),
  route({
    method: 'get',
    path: '/api/admin/autoscaling',
    role: 'viewer',
    summary: 'Say how many workers there should be, and why',
    responses: {
      200: { description: 'The load, and what it takes', schema: autoscaling },
      503: refusal('QUEUES_UNAVAILABLE or DATABASE_UNAVAILABLE: leave the workers as they are'),
    },
    handler: showAutoscaling,
  }),
  route({
    method: 'get',
    path: '/metrics',
    role: 'viewer',
    summary: 'Metrics for Prometheus',
    responses: {
      200: { description: "Prometheus's text format, version 0.0.4" },
      404: refusal('METRICS_OFF: this process keeps none'),
    },
    handler: exposeMetrics,
  }),
  route({
    method: 'get',
    path: '/healthz',
    role: 'public',
    summary: 'Is the process alive?',
    responses: { 200: { description: 'It is', schema: z.object({ status: z.literal('ok') }) } },
    handler: health,
  }),
  route({
    method: 'get',
    path: '/readyz',
    role: 'public',
    summary: 'Can sagas be started?',
    responses: {
      200: { description: 'They can; with the queues down they run later', schema: servers },
      503: { description: 'PostgreSQL is down', schema: servers },
    },
    handler: readiness,
  }),
  route({
    method: 'get',
    path: '/openapi.json',
    role: 'public',
    summary: 'This document',
    responses: { 200: { description: 'OpenAPI 3.1' } },
    handler: showOpenApi,
  }),
  route({
    method: 'get',
    path: '/',
    role: 'public',
    summary: 'Go to the dashboard',
    responses: { 302: { description: 'To /admin/queues' } },
    handler: home,
  }),
];

/** The library's own routes. */
export const ROUTES: readonly Route[] = [...sagaRoutes, ...taskRoutes, ...serviceRoutes];
