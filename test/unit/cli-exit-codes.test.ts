import { createHash } from 'node:crypto';
import { EXIT_CODES_HELP } from '../../src/cli/exit-codes.ts';
import { CLIENT_VARIABLES } from '../../src/environment/client-variables.ts';
import { VARIABLES } from '../../src/environment/variables.ts';
import { VERBS } from '../../src/cli/verbs/verbs.ts';
import { createApi } from '../../src/cli/client/api.ts';
import { createHttpClient } from '../../src/cli/client/http.ts';
import { commandLine, type CommandLineOptions, type Outcome } from '../support/command-line.ts';
import { freePort } from '../support/port.ts';
import { problem, startStubApi, type StubApi } from '../support/stub-api.ts';

let api: StubApi;

beforeAll(async () => {
  api = await startStubApi();
});

afterAll(() => api.close());

function run(words: readonly string[], options: CommandLineOptions = {}): Promise<Outcome> {
  return commandLine(words, { ...options, env: { BACKSTEP_URL: api.url, ...options.env } });
}

const CANCEL = ['sagas', 'cancel', 's', '--reason', 'x'];

describe('a refusal of the API', () => {
  test.each([
    [400, 'MALFORMED_JSON', 3],
    [401, 'UNAUTHENTICATED', 5],
    [403, 'FORBIDDEN', 5],
    [404, 'UNKNOWN_SAGA', 4],
    [409, 'WRONG_STATE', 8],
    [413, 'BODY_TOO_LARGE', 3],
    [422, 'INVALID_REQUEST', 3],
    [429, 'TOO_MANY_REQUESTS', 3],
    [500, 'INTERNAL_ERROR', 6],
    [503, 'DATABASE_UNAVAILABLE', 6],
  ])('%i %s exits with %i, and is said in one line', async (status, code, exit) => {
    const reply = problem(status, code, 'It cannot be\u001b[2J');
    api.respond(() => reply);
    const told = await run(CANCEL, { env: { BACKSTEP_KEY: 's3cret' } });
    expect(told).toMatchObject({ code: exit, stdout: '' });
    expect(told.stderr).toMatch(/^backstep: It cannot be\\u001b\[2J \(\d+ [A-Z_]+\)[^\n]*\n$/);
    expect(told.stderr).toContain(`(${status} ${code})`);
    expect(told.stderr).not.toContain('s3cret');
    const json = await run([...CANCEL, '--json']);
    expect(json).toMatchObject({ code: exit, stdout: '' });
    expect(JSON.parse(json.stderr)).toEqual(reply.body);
  });

  test('lists what is wrong, and what is allowed', async () => {
    const errors = [
      { in: 'body', pointer: '/amount', message: 'expected number' },
      { in: 'body', pointer: '', message: 'expected object' },
    ];
    api.respond(() => problem(422, 'INVALID_INPUT', 'The input is not valid.', { errors }));
    expect((await run(CANCEL)).stderr).toBe(
      'backstep: The input is not valid (422 INVALID_INPUT)\n  body /amount: expected number\n  body: expected object\n',
    );
    api.respond(() => problem(409, 'RESOLUTION_NOT_ALLOWED', 'Not now', { allowed: ['retry', 'undone'] }));
    expect((await run(['tasks', 'resolve', '7', 'forward', '--reason', 'x'])).stderr).toBe(
      'backstep: Not now (409 RESOLUTION_NOT_ALLOWED)\n  allowed: retry, undone\n',
    );
  });

  test('says what to do about it', async () => {
    api.respond(() => problem(401, 'UNAUTHENTICATED', 'No key'));
    expect((await run(CANCEL)).stderr).toContain('; set BACKSTEP_KEY or --key-file\n');
    api.respond(() => ({ ...problem(429, 'TOO_MANY_REQUESTS', 'Too many'), headers: { 'retry-after': '7' } }));
    expect((await run(CANCEL)).stderr).toContain('; try again in 7 s\n');
  });

  test('by a proxy in between has an exit code too', async () => {
    api.respond(() => ({ status: 502, body: '<html>Bad Gateway</html>' }));
    expect(await run(CANCEL)).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/answers 502 without saying why/),
    });
    api.respond(() => ({ status: 404, body: '<html>' }));
    expect((await run(CANCEL)).code).toBe(4);
  });
});

describe('an API out of reach', () => {
  test('exits with 6: nobody listens', async () => {
    const BACKSTEP_URL = `http://127.0.0.1:${await freePort()}`;
    const outcome = await run(CANCEL, { env: { BACKSTEP_URL } });
    expect(outcome.code).toBe(6);
    expect(outcome.stderr).toBe(
      `backstep: The API at ${BACKSTEP_URL} cannot be reached: connect ECONNREFUSED ${BACKSTEP_URL.slice(7)}\n`,
    );
    const json = await run([...CANCEL, '--json'], { env: { BACKSTEP_URL } });
    expect(JSON.parse(json.stderr)).toMatchObject({ code: 'API_UNREACHABLE', type: 'about:blank' });
  });

  test('exits with 6: something else answers, or it leads elsewhere', async () => {
    api.respond(() => ({ body: '<html>' }));
    expect(await run(CANCEL)).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/is not the API: expected JSON, got "<html>"/),
    });
    api.respond(() => ({ status: 302, body: '', headers: { location: '/login' } }));
    expect(await run(CANCEL)).toMatchObject({
      code: 6,
      stderr: expect.stringMatching(/it answers 302 and leads to \/login/),
    });
  });

  test('a write without an answer is not called undone', async () => {
    api.respond(() => 'never');
    const { cancelSaga, showSaga } = createApi(createHttpClient({ url: api.url, key: undefined, timeoutMs: 50 }));
    await expect(cancelSaga('s', 'x')).rejects.toThrow(/no answer within 0.05 s; it may have been done all the same$/);
    await expect(showSaga('s')).rejects.toThrow(/no answer within 0.05 s$/);
  });
});

describe('what is not understood exits with 2 and asks nothing', () => {
  test.each<[words: string[], line: RegExp]>([
    [[''], /^Usage: backstep <command>/],
    [['sagas'], /sagas: expected a verb: list, show, start, cancel, signal, retry$/],
    [['sagas', 'lst'], /Unknown verb sagas lst: expected list, show/],
    [['sags', 'list'], /Unknown command sags: expected dev, api, .*sagas, tasks, queues, audit$/],
    [['toString'], /Unknown command toString/],
    [['help', 'nothing'], /Unknown command nothing/],
    [['sagas', 'list', '--foo'], /sagas list: Unknown option '--foo'; backstep help sagas list says/],
    [['sagas', 'list', 'more'], /sagas list: expected no arguments, got 1/],
    [['sagas', 'list', '--type'], /sagas list: Option '--type <value>' argument missing/],
    [['sagas', 'list', '--since', 'soon'], /--since: expected a span such as 30m, 2h, 7d or an ISO time, got "soon"/],
    [['sagas', 'list', '--limit', '201'], /--limit: expected a whole number from 1 to 200, or --all, got "201"/],
    [['sagas', 'list', '--all', '--watch'], /--all goes without --watch/],
    [['sagas', 'show'], /sagas show: ID missing/],
    [['sagas', 'show', ''], /Expected an id or a name, got ""/],
    [['sagas', 'show', '..'], /Expected an id or a name, got "\.\."/],
    [['sagas', 'cancel', 's'], /sagas cancel: --reason TEXT is missing/],
    [['sagas', 'cancel', 's', '--reason', ' '], /--reason TEXT is missing/],
    [['sagas', 'signal'], /sagas signal: ID and NAME missing/],
    [['sagas', 'start', 'T', '--input', '{'], /--input: expected JSON, got something else: /],
    [['sagas', 'start', 'T', '--input', '@no.json'], /--input: no\.json cannot be read: no file no\.json/],
    [['tasks', 'list', '--status', 'shut'], /--status: expected open, resolved, all, got "shut"/],
    [['tasks', 'list', '--groups', '--limit', '5'], /--groups goes without --limit/],
    [['tasks', 'resolve', '7', 'done', '--reason', 'x'], /done needs --output JSON/],
    [['tasks', 'resolve', '7', 'retry', '--reason', 'x', '--output', '{}'], /--output JSON goes with done/],
    [['queues', '--url', 'nowhere'], /BACKSTEP_URL: expected a URL http:\/\/host:port/],
    [['queues', '--url', 'http://me:s3cret@host'], /expected a URL without a user and password.*not$/],
    [['queues', '--key-file', 'no.txt'], /--key-file: no\.txt cannot be read/],
    [['queues', '--key-file', 'empty.txt'], /--key-file: empty\.txt is empty/],
    [
      ['queues', '--key-file', 'odd.txt'],
      /BACKSTEP_KEY: expected a key of visible ASCII characters, got a text of 6 characters that is not$/,
    ],
    [['dev', '--prot', '1'], /--prot/],
    [['key', '--role', 'boss'], /--role: expected one of viewer, starter, operator, got boss$/],
    [['key', '--who'], /Unknown option '--who'/],
  ])('%j', async (words, line) => {
    api.respond(() => ({ body: {} }));
    const { code, stdout, stderr } = await run(words, { files: { 'empty.txt': '\n', 'odd.txt': 'a\nbcde' } });
    expect(code).toBe(2);
    expect((stdout + stderr).replace(/^backstep: /, '').trimEnd()).toMatch(line);
    expect(stderr.split('\n').length).toBeLessThanOrEqual(2);
    expect(stderr).not.toContain('s3cret');
    expect(api.requests).toEqual([]);
  });

  test('with --json as a problem document', async () => {
    const { stderr } = await run(['sagas', 'show', '--json']);
    expect(JSON.parse(stderr)).toMatchObject({ code: 'USAGE', detail: expect.stringMatching(/ID missing/) });
  });
});

test('a key is made, and its entry of API_KEYS, which is not the key', async () => {
  const { code, stdout } = await run(['key', '--role', 'viewer', '--name', 'vera']);
  expect(code).toBe(0);
  const [, text = '', entry = ''] = /shown again:\n {2}(\S+)\n.*\n {2}(\S+)\n/.exec(stdout) ?? [];
  expect(entry).toBe(`sha256:${createHash('sha256').update(text).digest('hex')}:viewer:vera`);
});

describe('help', () => {
  test.each(VERBS.map(({ path }) => path))('%s %s', async (...path) => {
    const words = path.filter((word) => word !== undefined);
    const [asked, option] = [await run(['help', ...words]), await run([...words, '--help', '--nonsense'])];
    expect(asked).toEqual(option);
    expect(asked.code).toBe(0);
    const parts = [`Usage: backstep ${words.join(' ')}`, '--json', '--url URL', 'Examples', 'Exit codes'];
    for (const part of parts) expect(asked.stdout).toContain(part);
  });

  test('of the program names every verb and exit code; of a group its verbs', async () => {
    const { code, stdout } = await run(['--help']);
    expect(code).toBe(0);
    for (const { path } of VERBS) expect(stdout).toContain(path.join(' '));
    for (const [exit, meaning] of EXIT_CODES_HELP) expect(stdout).toContain(`${exit}  ${meaning}`);
    expect((await run(['tasks', '--help'])).stdout).toContain('retry-group FINGERPRINT');
    expect((await run(['worker', '--help'])).stdout).not.toContain('--port');
  });

  test('names every variable that is read', async () => {
    const { stdout } = await run(['--help']);
    for (const name of [...Object.keys(VARIABLES), ...Object.keys(CLIENT_VARIABLES)])
      expect(stdout).toContain(`  ${name}  `);
  });

  test('shows no example that is not understood', async () => {
    api.respond(() => problem(404, 'UNKNOWN_SAGA', 'No'));
    const files = { '@trip.json': '{}', 'trip.json': '{}', '-': '{}' };
    for (const line of VERBS.flatMap(({ examples }) => examples)) {
      const words = wordsOf(line.replace(/^.*\| backstep /, '').replace(/ \| jq.*$/, ''));
      expect([line, (await run(words, { files })).code]).toEqual([line, 4]);
    }
  });
});

/** As a shell takes them apart. */
const wordsOf = (line: string) =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');
