import { z } from 'zod';
import { exposeMetrics } from '../handlers/expose-metrics.ts';
import { health } from '../handlers/health.ts';
import { home } from '../handlers/home.ts';
import { showOpenApi } from '../handlers/open-api.ts';
import { readiness } from '../handlers/readiness.ts';
import { showAutoscaling } from '../handlers/show-autoscaling.ts';
import { showMetrics } from '../handlers/show-metrics.ts';
import { route, type Route } from '../route.ts';
import { autoscaling, refusal, sagaMetrics } from '../views.ts';

const upOrDown = z.enum(['up', 'down']);
const servers = z.object({ postgres: upOrDown, queues: upOrDown });

export const serviceRoutes: readonly Route[] = [
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
    summary: 'Go to the console',
    responses: { 302: { description: 'To /console' } },
    handler: home,
  }),
];
