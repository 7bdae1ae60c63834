import { SAGA, SUMMARY, TASK } from '../support/recording-runner.ts';
import { commandLine, type CommandLineOptions, type Outcome } from '../support/command-line.ts';
import { inTurn, problem, startStubApi, type StubApi, type StubReply } from '../support/stub-api.ts';

let api: StubApi;

beforeAll(async () => {
  api = await startStubApi();
});

afterAll(() => api.close());

/** Runs a verb against the stub; words are separated by spaces. */
function run(line: string, options: CommandLineOptions = {}): Promise<Outcome> {
  return commandLine(line.split(' '), { ...options, env: { BACKSTEP_URL: api.url, ...options.env } });
}

const TTY = { columns: 100, rows: 20 };
const page = (...items: readonly object[]): StubReply => ({ body: { items, nextCursor: null } });
const RETRY = {
  id: '5',
  fingerprint: 'f1',
  status: 'running',
  total: 4,
  retried: 1,
  skipped: 0,
  actor: 'ann',
  reason: 'x',
  createdAt: SUMMARY.startedAt,
  finishedAt: null,
};

describe('each verb asks the API for one thing', () => {
  const id = SUMMARY.sagaId;
  test.each<[line: string, request: string, body: unknown, reply: StubReply]>([
    [`sagas list`, 'GET /api/sagas', undefined, page(SUMMARY)],
    [
      `sagas list --type DEMO --status FAILED,TIMEOUT --since 1h --until 2026-01-02 --query a&b --limit 5`,
      'GET /api/sagas?type=DEMO&status=FAILED%2CTIMEOUT&from=2026-01-02T03%3A00%3A00.000Z&to=2026-01-02T00%3A00%3A00.000Z&q=a%26b&limit=5',
      undefined,
      page(SUMMARY),
    ],
    [`sagas show ${id}`, `GET /api/sagas/${id}`, undefined, { body: SAGA }],
    [`sagas show a/b`, `GET /api/sagas/a%2Fb`, undefined, { body: SAGA }],
    [`sagas start DEMO`, 'POST /api/sagas/DEMO', {}, { status: 202, body: { sagaId: id, status: 'RUNNING' } }],
    [`sagas cancel ${id} --reason why`, `POST /api/sagas/${id}/cancel`, { reason: 'why' }, { body: SAGA }],
    [
      `sagas retry ${id} FIRST --reason why`,
      `POST /api/sagas/${id}/compensations/FIRST/retry`,
      { reason: 'why' },
      { body: SAGA },
    ],
    [
      `sagas signal ${id} FIRST --payload {"ok":true}`,
      `POST /api/sagas/${id}/signals/FIRST`,
      { ok: true },
      { body: { sagaId: id, name: 'FIRST', accepted: 'now' } },
    ],
    ['tasks list', 'GET /api/tasks?status=open', undefined, page(TASK)],
    [
      'tasks list --status all --type DEMO --saga s --fingerprint f1',
      'GET /api/tasks?type=DEMO&sagaId=s&fingerprint=f1',
      undefined,
      page(TASK),
    ],
    ['tasks show 7', 'GET /api/tasks/7', undefined, { body: TASK }],
    [
      'tasks resolve 7 undone --reason why',
      'POST /api/tasks/7/resolve',
      { resolution: 'undone', reason: 'why' },
      { body: { ...TASK, resolution: 'undone' } },
    ],
    [
      'tasks resolve 7 done --reason why --output {"id":1}',
      'POST /api/tasks/7/resolve',
      { resolution: 'done', reason: 'why', output: { id: 1 } },
      { body: { ...TASK, resolution: 'done' } },
    ],
    ['tasks list --groups', 'GET /api/tasks/groups', undefined, { body: { items: [] } }],
    [
      'tasks retry-group f1 --reason why',
      'POST /api/tasks/groups/f1/retry',
      { reason: 'why' },
      { status: 202, body: RETRY },
    ],
    ['queues', 'GET /api/queues', undefined, { body: { items: [] } }],
    [
      'audit --actor ann --action cancel --saga s',
      'GET /api/audit?actor=ann&action=cancel&sagaId=s',
      undefined,
      page(),
    ],
  ])('%s', async (line, request, body, reply) => {
    api.respond(() => reply);
    expect(await run(line)).toMatchObject({ code: 0, stderr: '' });
    expect(api.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([request]);
    expect(api.requests[0]?.body).toEqual(body);
    // And for scripts: exactly what the API said.
    const { stdout } = await run(`${line} --json`);
    expect(stdout).toBe(`${JSON.stringify(reply.body)}\n`);
  });

  test('with its key, from the environment or a file, which wins', async () => {
    api.respond(() => page());
    await run('queues');
    await run('queues', { env: { BACKSTEP_KEY: 's3cret' } });
    await run('queues --key-file key.txt', { env: { BACKSTEP_KEY: 's3cret' }, files: { 'key.txt': 'other\n' } });
    expect(api.requests.map(({ headers }) => headers.authorization)).toEqual([
      undefined,
      'Bearer s3cret',
      'Bearer other',
    ]);
  });

  test('at --url rather than BACKSTEP_URL, below its path', async () => {
    api.respond(() => page());
    expect((await run(`queues --url ${api.url}/ops/`, { env: { BACKSTEP_URL: 'http://127.0.0.1:1' } })).code).toBe(0);
    expect(api.requests[0]?.url).toBe('/ops/api/queues');
  });

  test('with its idempotency key or signal id', async () => {
    api.respond(() => ({ body: { sagaId: 's', status: 'RUNNING', name: 'N', accepted: 'before' } }));
    await run('sagas start DEMO --idempotency-key k-1');
    const { stdout } = await run('sagas signal s N --signal-id k-2');
    expect(api.requests.map(({ headers }) => headers['idempotency-key'])).toEqual(['k-1', 'k-2']);
    expect(stdout).toBe('s  N was accepted before\n');
  });

  test('with JSON in place, from a file or from stdin', async () => {
    api.respond(() => ({ body: { sagaId: 's', status: 'RUNNING' } }));
    const files = { 'in.json': '\ufeff{"from": "file"}', '-': '{"from": "stdin"}' };
    for (const input of ['{"from":"here"}', '@in.json', '-']) await run(`sagas start DEMO --input ${input}`, { files });
    expect(api.requests.map(({ body }) => body)).toEqual([{ from: 'here' }, { from: 'file' }, { from: 'stdin' }]);
  });
});

describe('lists', () => {
  const pages = [
    { body: { items: [SUMMARY, { ...SUMMARY, sagaId: 'demo-2' }], nextCursor: 'c1' } },
    { body: { items: [{ ...SUMMARY, sagaId: 'demo-3' }], nextCursor: null } },
  ];

  test('--all follows the cursors; with --json it is a line an item', async () => {
    api.respond(inTurn(...pages));
    const table = await run('sagas list --all');
    expect(table.stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'SAGA',
      SUMMARY.sagaId,
      'demo-2',
      'demo-3',
      '',
    ]);
    expect(api.requests.map(({ url }) => url)).toEqual(['/api/sagas?limit=200', '/api/sagas?limit=200&cursor=c1']);
    api.respond(inTurn(...pages));
    const { stdout } = await run('sagas list --all --json');
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { sagaId: string }).sagaId),
    ).toEqual([SUMMARY.sagaId, 'demo-2', 'demo-3']);
  });

  test('say on a terminal that there is more, and nothing in a pipe', async () => {
    api.respond(() => pages[0] ?? page());
    expect((await run('sagas list', { terminal: TTY })).stdout).toContain('There are more: --all');
    expect((await run('sagas list')).stdout).not.toContain('There are more');
  });

  test('are coloured on a terminal only, and not with NO_COLOR or a dumb one', async () => {
    api.respond(() => page(SUMMARY));
    const coloured = '\u001b[36mRUNNING';
    expect((await run('sagas list', { terminal: TTY })).stdout).toContain(coloured);
    for (const options of [{}, { terminal: TTY, env: { NO_COLOR: '1' } }, { terminal: TTY, env: { TERM: 'dumb' } }])
      expect((await run('sagas list', options)).stdout).not.toContain('\u001b');
  });

  test('no terminal escapes from error messages, in text or JSON', async () => {
    const error = '\u001b]0;owned\u0007 boom\r\nline \u009b2J';
    api.respond(() => page({ ...SUMMARY, error }));
    const { stdout } = await run('sagas list');
    expect(stdout).toContain('\\u001b]0;owned\\u0007 boom line \\u009b2J');
    expect((await run('sagas list --json')).stdout).toContain('\\u009b2J');
  });

  test('--watch writes a table or a line of JSON for each change where there is no terminal', async () => {
    const failed = page({ ...SUMMARY, status: 'FAILED' });
    for (const json of ['', ' --json']) {
      api.respond(inTurn(page(SUMMARY), page(SUMMARY), failed, failed, problem(401, 'UNAUTHENTICATED', 'No')));
      const { code, stdout } = await run(`sagas list --watch${json}`);
      // The stub's refusal ends it.
      expect(code).toBe(5);
      expect(stdout.match(/RUNNING|FAILED/g)).toEqual(['RUNNING', 'FAILED']);
    }
  });

  test('--watch redraws a terminal, and no more lines than it has', async () => {
    const many = page(...Array.from({ length: 30 }, (_, n) => ({ ...SUMMARY, sagaId: `demo-${n}` })));
    api.respond(inTurn(many, page(SUMMARY), problem(401, 'UNAUTHENTICATED', 'No')));
    const { stdout } = await run('sagas list --watch', { terminal: { columns: 80, rows: 10 } });
    const [before, first = '', second = '', ...others] = stdout.split('\u001b[H\u001b[2J');
    expect([before, others]).toEqual(['', []]);
    expect(first.split('\n')).toHaveLength(10);
    expect(first).toContain('… 23 lines more');
    expect(second).toContain(SUMMARY.sagaId);
  });
});

describe('a saga', () => {
  const parked = {
    ...SAGA,
    status: 'FAILED',
    error: 'The provider is \u001b[5maway',
    next: 'It waits for a person: see task 7.',
    steps: [
      {
        ...SAGA.steps[0],
        status: 'COMPENSATION_FAILED',
        attempts: 2,
        maxAttempts: 3,
        startedAt: '2026-01-02T03:04:05.000Z',
        doneAt: '2026-01-02T03:04:06.500Z',
        compensationAttempts: 3,
        compensationError: 'no answer',
      },
    ],
    tasks: [TASK],
    log: Array.from({ length: 12 }, (_, n) => ({ ...SAGA.log[0], event: `event ${n}`, attempt: n, step: 'FIRST' })),
  };

  test('is shown with its steps, what happens next, open tasks and the end of its log', async () => {
    api.respond(() => ({ body: parked }));
    const { stdout } = await run('sagas show x', { terminal: TTY, env: { NO_COLOR: '1' } });
    expect(stdout).toMatchInlineSnapshot(`
     "demo-0d4c6a1e-7f0c-4a57-9d1e-0a3cf3f7a001  FAILED
       type         DEMO
       next         It waits for a person: see task 7.
       error        The provider is \\u001b[5maway
       started      2026-01-02 03:04:05Z (55m ago)
       deadline     2026-01-02 03:04:05Z (55m ago)

     Steps
       STEP   STATUS               ATTEMPTS  UNDOS  WHEN      TOOK  ERROR
       FIRST  COMPENSATION_FAILED    2 of 3      3  55m ago  1.5 s  no answer

     Task 7
       MANUAL_COMPENSATION of FIRST, 2026-01-02 03:04:05Z (55m ago)
       Refund by hand
       Nothing
       undone   Notes it
       abandon  Leaves it

     Log
       … 2 earlier: --log shows them
       2026-01-02 03:04:05Z  event 2   FIRST #2   by anonymous
       2026-01-02 03:04:05Z  event 3   FIRST #3   by anonymous
       2026-01-02 03:04:05Z  event 4   FIRST #4   by anonymous
       2026-01-02 03:04:05Z  event 5   FIRST #5   by anonymous
       2026-01-02 03:04:05Z  event 6   FIRST #6   by anonymous
       2026-01-02 03:04:05Z  event 7   FIRST #7   by anonymous
       2026-01-02 03:04:05Z  event 8   FIRST #8   by anonymous
       2026-01-02 03:04:05Z  event 9   FIRST #9   by anonymous
       2026-01-02 03:04:05Z  event 10  FIRST #10  by anonymous
       2026-01-02 03:04:05Z  event 11  FIRST #11  by anonymous
     "
    `);
    expect((await run('sagas show x --log')).stdout).toContain('event 0');
    expect((await run('sagas show x --state')).stdout).toContain('Input\n{\n  "amount": 1\n}\n\nState\n{');
  });

  test('that has come to nothing yet is shown without what there is not', async () => {
    api.respond(() => ({ body: { ...SAGA, tasks: [], log: [] } }));
    const { code, stdout } = await run('sagas show x');
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/undefined|null|error|ended|Task|Log/);
  });

  test.each([
    ['COMPLETED', 0],
    ['COMPENSATED', 7],
    ['ABANDONED', 7],
  ])('--watch ends when it is %s, with %i', async (status, code) => {
    api.respond(inTurn({ body: SAGA }, { body: parked }, { body: { ...SAGA, status } }));
    const outcome = await run('sagas show x --watch --json');
    expect(outcome.code).toBe(code);
    expect(outcome.stdout.match(/"status":"[A-Z]+","currentStep/g)).toHaveLength(3);
  });

  test.each([
    ['COMPLETED', 0],
    ['TIMEOUT', 7],
    ['FAILED', 7],
  ])('start --wait ends when it is %s, with %i and one picture of it', async (status, code) => {
    const started = { status: 202, body: { sagaId: 's', status: 'RUNNING' } };
    const compensating = { body: { ...SAGA, status: 'COMPENSATING' } };
    api.respond(inTurn(started, { body: SAGA }, compensating, { body: { ...SAGA, status } }));
    const outcome = await run('sagas start DEMO --wait');
    expect(outcome).toMatchObject({ code, stderr: 'Started s\n' });
    expect(outcome.stdout.match(/Steps/g)).toHaveLength(1);
    api.respond(inTurn(started, { body: SAGA }, { body: { ...SAGA, status } }));
    const json = await run('sagas start DEMO --wait --json');
    expect(JSON.parse(json.stdout)).toEqual({ ...SAGA, status });
  });

  test('is watched through an API that is away for a while', async () => {
    const away = problem(503, 'DATABASE_UNAVAILABLE', 'The database is away');
    api.respond(inTurn({ body: SAGA }, away, away, { body: { ...SAGA, status: 'COMPLETED' } }));
    const { code, stderr } = await run('sagas show x --watch');
    expect(code).toBe(0);
    expect(stderr).toBe('backstep: The database is away (503 DATABASE_UNAVAILABLE); trying again\n');
    api.respond(inTurn({ body: SAGA }, away));
    expect((await run('sagas show x --watch')).code).toBe(6);
  });
});

test('a group is retried to its end with --watch', async () => {
  const finished = { ...RETRY, status: 'finished', retried: 3, skipped: 1 };
  api.respond(inTurn({ status: 202, body: RETRY }, { body: { ...RETRY, retried: 2 } }, { body: finished }));
  const { code, stdout } = await run('tasks retry-group f1 --reason x --watch');
  expect(code).toBe(0);
  expect(stdout).toBe(
    'Retry 5 of f1: running, 2 retried, 0 skipped, of 4\nRetry 5 of f1: finished, 3 retried, 1 skipped, of 4\n',
  );
  expect(api.requests.map(({ url }) => url)).toEqual([
    '/api/tasks/groups/f1/retry',
    '/api/tasks/retries/5',
    '/api/tasks/retries/5',
  ]);
});

test('groups, queues and the audit are tables', async () => {
  const group = { fingerprint: 'f1', type: 'DEMO', step: 'FIRST', kind: 'COMPENSATION_FAILED', pattern: 'no <n>' };
  const times = { oldestAt: SUMMARY.startedAt, newestAt: SUMMARY.startedAt };
  api.respond(() => page({ ...group, ...times, count: 9, exampleTaskId: '7', retryable: true, retry: RETRY }));
  expect((await run('tasks list --groups')).stdout).toMatch(
    / 9 +f1 +DEMO +FIRST +COMPENSATION_FAILED +55m ago +1 of 4 +no <n>/,
  );
  const counts = { waiting: 2, active: 1, delayed: 0, prioritized: 3, failed: 4, completed: 5, workers: null };
  api.respond(() => page({ name: 'saga-steps', paused: true, ...counts }));
  expect((await run('queues')).stdout).toMatch(/saga-steps +paused +\? +1 +5 +0 +4 +5\n/);
  const entry = { id: '1', at: SUMMARY.startedAt, actor: 'ann', action: 'cancel', sagaId: 's-1', detail: null };
  api.respond(() => page({ ...entry, step: null, taskId: null, reason: 'called' }));
  expect((await run('audit')).stdout).toMatch(/55m ago +ann +cancel +s-1 +called\n/);
});
