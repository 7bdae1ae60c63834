import { z } from 'zod';
import { RunnerError, type RunnerErrorCode } from '../../src/core/errors.ts';
import { issuesOf } from '../../src/core/issues.ts';
import { toProblem } from '../../src/http/problem.ts';
import { REFUSALS } from '../../src/http/refusals.ts';
import { HttpError } from '../../src/http/route.ts';

const codes = Object.keys(REFUSALS) as RunnerErrorCode[];

test.each(codes)('the refusal %s is a problem of its own status', (code) => {
  const { status, body } = toProblem(new RunnerError(code, 'what and which'));
  expect(status).toBe(REFUSALS[code].status);
  expect(body).toMatchObject({ type: 'about:blank', status, code, detail: 'what and which' });
});

test('an unreachable database says when to ask again', () => {
  expect(toProblem(new RunnerError('DATABASE_UNAVAILABLE', 'down')).headers).toEqual({ 'retry-after': '5' });
});

test('the complaints of the runner about an input point into the body', () => {
  const error = new RunnerError('INVALID_INPUT', 'no', { issues: [{ pointer: '/amount', message: 'too small' }] });
  expect(toProblem(error).body.errors).toEqual([{ in: 'body', pointer: '/amount', message: 'too small' }]);
});

test('an HttpError keeps its status, code and headers', () => {
  const problem = toProblem(new HttpError(409, 'TAKEN', 'Seat 4 is taken', { headers: { 'x-seat': '4' } }));
  expect(problem).toEqual({
    status: 409,
    headers: { 'x-seat': '4' },
    body: { type: 'about:blank', title: 'Conflict', status: 409, detail: 'Seat 4 is taken', code: 'TAKEN' },
  });
});

test.each([new Error('secret'), Object.assign(new Error('secret'), { status: 404 }), 'secret', undefined])(
  'what nobody foresaw is a 500 that tells nothing: %p',
  (error) => {
    const { status, body } = toProblem(error);
    expect(status).toBe(500);
    expect(JSON.stringify(body)).not.toContain('secret');
  },
);

test('every complaint of a schema has a pointer, escaped', () => {
  const schema = z.strictObject({ 'a/b~c': z.array(z.object({ n: z.number() })), must: z.string() });
  const result = schema.safeParse({ 'a/b~c': [{ n: 1 }, { n: 'x' }], 'too/much': 1 });
  const pointers = issuesOf(result.error as z.ZodError).map(({ pointer }) => pointer);
  expect(pointers.sort()).toEqual(['/a~1b~0c/1/n', '/must', '/too~1much']);
});
