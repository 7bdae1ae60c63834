import { readdir, readFile } from 'node:fs/promises';
import { qualifier, TABLES } from '../../src/store/in-schema.ts';

const inBackstep = qualifier('backstep');
const NAMES = TABLES.join('|');

test('the tables are those of the schema file', async () => {
  const schema = await readFile('prisma/schema/backstep.prisma', 'utf8');
  expect([...schema.matchAll(/@@map\("(\w+)"\)/g)].map(([, name = '']) => name).sort()).toEqual(TABLES);
});

test('a table is qualified where it is named, and nothing else is', () => {
  expect(
    inBackstep(
      `WITH a AS (DELETE FROM saga_state USING\n old WHERE saga_state.id = old.id RETURNING saga_state.saga_id)
       INSERT INTO outbox (name, key) SELECT 'outbox', outbox FROM a JOIN saga_step AS step ON step.name = saga_step.name
       ON CONFLICT (key) DO UPDATE SET name = outbox.name`,
    ),
  ).toBe(
    `WITH a AS (DELETE FROM "backstep".saga_state USING\n old WHERE saga_state.id = old.id RETURNING saga_state.saga_id)
       INSERT INTO "backstep".outbox (name, key) SELECT 'outbox', outbox FROM a JOIN "backstep".saga_step AS step ON step.name = saga_step.name
       ON CONFLICT (key) DO UPDATE SET name = outbox.name`,
  );
  for (const text of [
    'SELECT 1 FROM saga_steps',
    'SELECT 1 FROM outbox.job',
    'FOR UPDATE SKIP LOCKED',
    'SELECT saga_log',
  ])
    expect(inBackstep(text)).toBe(text);
});

test("a schema's name cannot end its identifier", () => {
  expect(qualifier('a"; DROP')('SELECT 1 FROM outbox')).toBe('SELECT 1 FROM "a""; DROP".outbox');
  for (const name of ['', 'x'.repeat(64), 'a\u0000b']) expect(() => qualifier(name)).toThrow(/schema: expected/);
});

const sources = async (room: string) =>
  Promise.all(
    (await readdir(`src/${room}`, { recursive: true }))
      .filter((file) => file.endsWith('.ts') && file !== 'in-schema.ts')
      .map(async (file) => ({ file: `${room}/${file}`, text: await readFile(`src/${room}/${file}`, 'utf8') })),
  );

test('no statement of ours names a table in a way that is passed over', async () => {
  const rooms = await Promise.all(['store', 'recovery', 'processors', 'queues', 'metrics', 'http'].map(sources));
  const files = rooms.flat();
  const named = files.flatMap(({ file, text }) => {
    const code = inBackstep(text).replaceAll(/^\s*(\/\*\*|\*|\/\/|import |export type).*$/gm, '');
    // What is left is a column of a table, or a word of a message or a path.
    return [...code.matchAll(new RegExp(`(?<!\\bthe)["'\`\\s(,](${NAMES})\\b(?![.'\`])`, 'g'))].map(
      ([word]) => `${file}: ${word.trim()}`,
    );
  });
  expect(files.length).toBeGreaterThan(60);
  expect(named).toEqual([]);
});
