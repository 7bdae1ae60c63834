import { z } from 'zod';
import { exposeMetrics } from '../handlers/expose-metrics.ts';
import { health } from '../handlers/health.ts';
import { home } from '../handlers/home.ts';
import { showOpenApi } from '../handlers/open-api.ts';
import { readiness } from '../handlers/readiness.ts';
import { showAutoscaling } from '../handlers/show-autoscaling.ts';
import { showDocs } from '../handlers/show-docs.ts';
import { showMetrics } from '../handlers/show-metrics.ts';
import { route, type Route } from '../route.ts';
import { METRICS, SCALING } from '../examples.ts';
import { OPERATIONS, SERVICE } from '../tags.ts';
import { answer, autoscaling, refusal, sagaMetrics } from '../views.ts';

const upOrDown = z.enum(['up', 'down']);
const servers = z.object({ postgres: upOrDown, queues: upOrDown });

export const serviceRoutes: readonly Route[] = [
  route({
    method: 'get',
    path: '/api/admin/sagas/metrics',
    role: 'viewer',
    summary: 'Count the sagas',
    name: 'showMetrics',
    tag: OPERATIONS,
    example: {},
    responses: { 200: answer('The counts', sagaMetrics, METRICS) },
    handler: showMetrics,
  }),
  route({
    method: 'get',
    path: '/api/admin/autoscaling',
    role: 'viewer',
    summary: 'Say how many workers there should be, and why',
    name: 'showAutoscaling',
    tag: OPERATIONS,
    example: {},
    responses: {
      200: answer('The load, and what it takes', autoscaling, SCALING),
      503: refusal('QUEUES_UNAVAILABLE or DATABASE_UNAVAILABLE: leave the workers as they are'),
    },
    handler: showAutoscaling,
  }),
  route({
    method: 'get',
    path: '/metrics',
    role: 'viewer',
    summary: 'Metrics for Prometheus',
    name: 'exposeMetrics',
    tag: SERVICE,
    example: {},
    responses: {
      200: {
        description: "Prometheus's text format, version 0.0.4",
        type: 'text/plain',
        example: '# TYPE saga_total counter\nsaga_total{type="PAYMENT_REFUND",status="COMPLETED"} 5161\n',
      },
      404: refusal('METRICS_OFF: this process keeps none'),
    },
    handler: exposeMetrics,
  }),
  route({
    method: 'get',
    path: '/healthz',
    role: 'public',
    summary: 'Is the process alive?',
    name: 'health',
    tag: SERVICE,
    example: {},
    responses: { 200: answer('It is', z.object({ status: z.literal('ok') }), { status: 'ok' }) },
    handler: health,
  }),
  route({
    method: 'get',
    path: '/readyz',
    role: 'public',
    summary: 'Can sagas be started?',
    name: 'readiness',
    tag: SERVICE,
    example: {},
    responses: {
      200: answer('They can; with the queues down they run later', servers, { postgres: 'up', queues: 'up' }),
      503: answer('PostgreSQL is down', servers, { postgres: 'down', queues: 'up' }),
    },
    handler: readiness,
  }),
  route({
    method: 'get',
    path: '/openapi.json',
    role: 'public',
    summary: 'This document',
    name: 'showOpenApi',
    tag: SERVICE,
    example: {},
    responses: {
      200: { description: 'OpenAPI 3.1', schema: z.record(z.string(), z.unknown()), example: { openapi: '3.1.0' } },
    },
    handler: showOpenApi,
  }),
  route({
    method: 'get',
    path: '/docs',
    role: 'public',
    summary: 'This document as a page',
    name: 'showDocs',
    tag: SERVICE,
    example: {},
    responses: { 200: { description: 'HTML', type: 'text/html', example: '<!doctype html>' } },
    handler: showDocs,
  }),
  route({
    method: 'get',
    path: '/',
    role: 'public',
    summary: 'Go to the console',
    name: 'home',
    tag: SERVICE,
    example: {},
    responses: {
      302: {
        description: 'To /console',
        headers: { Location: 'The console', Link: 'This document, and a page of it (RFC 8631)' },
      },
    },
    handler: home,
  }),
];
