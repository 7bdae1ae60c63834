import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Page, SagaSummary, TaskGroup, TaskView } from '../../src/store/views.ts';
import { type Billing, startBilling } from '../support/billing.ts';
import { runTypeScript } from '../support/process.ts';
import { startStubApi } from '../support/stub-api.ts';

let app: Billing;

beforeAll(async () => {
  app = await startBilling();
});
afterEach(() => app.request('DELETE', '/sandbox/faults'));
afterAll(() => app.close());

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process of its own, as an operator starts it. */
async function backstep(...words: readonly string[]): Promise<Ended> {
  const program = runTypeScript('src/main.ts', words, { BACKSTEP_URL: app.url, PORT: 'not ours' });
  const { code } = await program.exited;
  return { code, stdout: program.stdout(), stderr: program.stderr() };
}

async function jsonOf<T>(...words: readonly string[]): Promise<T> {
  const { code, stdout, stderr } = await backstep(...words, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
}

const refund = (paymentId: string, ...more: readonly string[]) =>
  backstep('sagas', 'start', 'PAYMENT_REFUND', '--input', inputOf(paymentId), ...more);
const inputOf = (paymentId: string) => JSON.stringify({ paymentId, amount: 10, reason: 'asked for' });

const idIn = (text: string) => /payment_refund-[0-9a-f-]{36}/.exec(text)?.[0] ?? 'none';

test('a saga is started, waited for, listed and shown', async () => {
  const { code, stdout, stderr } = await refund('pay-0001', '--wait', '--idempotency-key', 'cli-1');
  expect({ code, stderr }).toEqual({ code: 0, stderr: `Started ${idIn(stderr)}\n` });
  expect(stdout).toMatch(/^payment_refund-\S+ {2}COMPLETED\n/);
  expect(stdout).toMatch(/ {2}CALL_PROVIDER_REFUND +DONE +1 of 3 /);
  const again = await refund('pay-0001', '--idempotency-key', 'cli-1');
  expect(again.stdout).toBe(`${idIn(stdout)}  COMPLETED\n`);

  const { items } = await jsonOf<Page<SagaSummary>>('sagas', 'list', '--type', 'PAYMENT_REFUND', '--limit', '1');
  expect(items).toMatchObject([{ sagaId: idIn(stdout), status: 'COMPLETED' }]);
  expect((await backstep('sagas', 'list')).stdout).toMatch(/^SAGA +STATUS +TYPE +STEP +STARTED +RETRIES +ERROR\n/);
  expect(await jsonOf('sagas', 'show', idIn(stdout))).toEqual(
    (await app.request('GET', `/api/sagas/${idIn(stdout)}`)).body,
  );
});

test('a saga that is undone is told by the exit code, and what has ended cannot be cancelled', async () => {
  await app.order({ operation: 'refund', fault: 'reject', message: 'Account frozen' });
  const { code, stdout } = await refund('pay-0002', '--wait');
  expect(code).toBe(7);
  expect(stdout).toMatch(/ {2}COMPENSATED\n[^]* error +Account frozen\n/);
  const cancelled = await backstep('sagas', 'cancel', idIn(stdout), '--reason', 'too late');
  expect(cancelled).toMatchObject({ code: 8, stdout: '' });
  expect(cancelled.stderr).toMatch(/^backstep: [^\n]*\(409 WRONG_STATE\)\n$/);
  expect((await backstep('sagas', 'retry', idIn(stdout), 'CALL_PROVIDER_REFUND', '--reason', 'x')).code).toBe(8);
});

test('what the API refuses or does not know has its exit code', async () => {
  const input = await backstep('sagas', 'start', 'PAYMENT_REFUND', '--input', '{"amount": "all"}');
  expect(input).toMatchObject({ code: 3, stdout: '' });
  expect(input.stderr).toMatch(/\(422 INVALID_INPUT\)\n {2}body \/paymentId: /);
  expect((await backstep('sagas', 'start', 'NO_SUCH_TYPE')).code).toBe(4);
  const unknown = await backstep('sagas', 'show', 'payment_refund-none', '--json');
  expect(unknown).toMatchObject({ code: 4, stdout: '' });
  expect(JSON.parse(unknown.stderr)).toMatchObject({ status: 404, code: 'UNKNOWN_SAGA' });
  expect((await backstep('sagas', 'signal', 'payment_refund-none', 'SOME_STEP')).code).toBe(4);
  expect((await backstep('tasks', 'show', '999999')).code).toBe(4);
  expect((await backstep('tasks', 'retry-group', 'ffffffffffffffff', '--reason', 'x')).code).toBe(4);
});

describe('with a provider that nobody can ask', () => {
  /** A saga whose outcome nobody knows: it is parked with a task. */
  async function parked(paymentId: string): Promise<{ sagaId: string; task: TaskView }> {
    await app.order({ operation: 'refund', fault: 'error', times: 3, message: 'Try later' });
    await app.order({ operation: 'lookup', fault: 'error', times: 10 });
    const { code, stdout } = await refund(paymentId, '--wait');
    expect(code).toBe(7);
    expect(stdout).toMatch(/^payment_refund-\S+ {2}FAILED\n/);
    const { items } = await jsonOf<Page<TaskView>>('tasks', 'list', '--saga', idIn(stdout));
    const [task] = items;
    if (task === undefined) throw new Error('no task');
    await app.request('DELETE', '/sandbox/faults');
    return { sagaId: idIn(stdout), task };
  }

  test('a task is listed, shown with what each resolution does, and resolved once', async () => {
    const { sagaId, task } = await parked('pay-0003');
    const shown = [await backstep('sagas', 'show', sagaId), await backstep('tasks', 'show', task.id)];
    for (const { stdout } of shown)
      for (const [name, effect] of Object.entries(task.effects))
        expect(stdout).toContain(`  ${name.padEnd(7)}  ${effect}\n`);
    const resolve = (...more: readonly string[]) =>
      backstep('tasks', 'resolve', task.id, ...more, '--reason', 'checked');
    const resolved = await resolve('abandon');
    expect(resolved).toMatchObject({ code: 0, stdout: `Task ${task.id} of ${sagaId} is resolved: abandon\n` });
    expect(await resolve('undone')).toMatchObject({ code: 8, stdout: '' });
    expect((await backstep('sagas', 'show', sagaId, '--watch')).code).toBe(7);
    expect((await backstep('tasks', 'list', '--saga', sagaId)).stdout).toBe('No open tasks\n');
    const audit = await backstep('audit', '--saga', sagaId);
    expect(audit.stdout).toMatch(/ resolve +abandon +payment_refund-\S+ +CALL_PROVIDER_REFUND +\d+ +checked\n/);
  });

  test('a group is retried, and its sagas are watched to their end', async () => {
    const { sagaId, task } = await parked('pay-0004');
    const { items } = await jsonOf<{ items: TaskGroup[] }>('tasks', 'list', '--groups');
    expect(items).toMatchObject([{ fingerprint: task.fingerprint, retryable: true }]);
    const retried = await backstep(
      'tasks',
      'retry-group',
      task.fingerprint,
      '--reason',
      'The provider is back',
      '--watch',
    );
    expect(retried.code).toBe(0);
    expect(retried.stdout).toMatch(/: finished, \d+ retried, \d+ skipped, of \d+\n$/);
    const { code, stdout } = await backstep('sagas', 'show', sagaId, '--watch', '--json');
    expect(code).toBe(7);
    expect(stdout.trimEnd().split('\n').at(-1)).toContain('"status":"COMPENSATED"');
  });
});

test('a reader that has seen enough is no failure', async () => {
  const endless = await startStubApi();
  endless.respond(() => ({ body: { items: [{ sagaId: 'x'.repeat(10_000) }], nextCursor: 'more' } }));
  const line = `(${process.execPath} --import tsx src/main.ts sagas list --all --json; echo $? >&2) | head -c 5`;
  const { PATH } = process.env;
  const { stdout, stderr } = await promisify(execFile)('sh', ['-c', line], {
    env: { PATH, BACKSTEP_URL: endless.url },
  });
  await endless.close();
  expect({ stdout, stderr }).toEqual({ stdout: '{"sag', stderr: '0\n' });
});
