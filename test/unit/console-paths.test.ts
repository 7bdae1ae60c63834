import { jobUrl, safeNext, sagaPath } from '../../console/src/shell/paths.ts';

const HERE = 'http://127.0.0.1:3000';

test.each([
  ['/console/sagas?status=FAILED', '/console/sagas?status=FAILED'],
  ['/console', '/console'],
  ['/admin/queues/queue/saga-steps', '/admin/queues/queue/saga-steps'],
  [`${HERE}/console/inbox`, '/console/inbox'],
])('after the login %s is gone to', (next, path) => {
  expect(safeNext(next, HERE)).toBe(path);
});

test.each([
  null,
  '',
  '//evil.example/console',
  '/\\evil.example',
  'https://evil.example/console/',
  'javascript:alert(1)',
  '/api/sagas',
  '/consolex',
  '/console/../api/sagas',
  '/console/login?next=/console/login',
])('after the login %j is not: the overview is', (next) => {
  expect(safeNext(next, HERE)).toBe('/console');
});

test('what comes from data cannot leave its place in a link', () => {
  expect(sagaPath('../login?x=1#y')).toBe('/sagas/..%2Flogin%3Fx%3D1%23y');
  expect(jobUrl('saga-steps.A', 'a/b:1')).toBe('/admin/queues/queue/saga-steps.A/a%2Fb%3A1');
});
