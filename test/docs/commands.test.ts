import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { type Block, documents, givenOf, readBlocks, where } from './blocks.ts';
import { GIVENS } from './givens.ts';
import { makeFolder, type Module, modulesOf, removeFolder, writeModule, writeText } from './modules.ts';
import { type Machine, openMachine, OPERATOR_KEY } from './product.ts';
import { expectOutput } from './shown.ts';

// A reader goes through a document from its top: files are written, commands are run, and what they print is what is shown.

const READS_MS = 40_000;
const PAUSE_MS = 200;

const folder = makeFolder();

afterAll(() => removeFolder(folder));

const isRun = ({ language, rule }: Block) => rule !== 'not run' && ['sh', 'sql'].includes(language);
const walked = documents().filter((file) => readBlocks(file).some((block) => isRun(block) || block.rule === 'run'));

// A reader waits for most of the time: two of them have time for each other (`maxConcurrency`).
test.concurrent.each(walked)('%s does what it says', walkThrough, 120_000);

async function walkThrough(file: string): Promise<void> {
  const here = join(folder, file.replaceAll(/[^a-z]+/gi, '-'));
  const blocks = readBlocks(file);
  const givens = givenOf(file);
  const machine = await openMachine(here, { keys: givens.includes('keys') });
  try {
    // Where a document asks before it has started anything, the demo runs.
    const begin = blocks.find((block) => block.rule === 'serve' || asks(block));
    if (begin && begin.rule !== 'serve') await machine.serve('backstep dev');
    for (const given of givens.filter((name) => name !== 'keys')) await prepare(machine, given);
    const walk = createWalk(machine, here, modulesOf(blocks));
    for (const block of blocks) await walk(block);
  } finally {
    await machine.close();
  }
}

/** Whether it needs something that runs. */
const asks = (block: Block) =>
  isRun(block) && /127\.0\.0\.1|example\.com|backstep (sagas|tasks|queues|audit)/.test(block.text);

async function prepare(on: Machine, given: string): Promise<void> {
  const happen = GIVENS[given];
  if (!happen) throw new Error(`Nothing is known of "given ${given}"`);
  await happen(on);
}

/** What a reader does with one block after the other. */
function createWalk(on: Machine, here: string, modules: readonly Module[]): (block: Block) => Promise<void> {
  const seen = new Map<string, string>([['key', OPERATOR_KEY]]);
  let output = '';
  const remember = (text: string) => {
    output = text;
    for (const [name, pattern] of Object.entries(SEEN)) {
      const [, found] = [...text.matchAll(pattern)].at(-1) ?? [];
      if (found !== undefined) seen.set(name, found);
    }
  };
  return async (block) => {
    const { language, rule, detail } = block;
    if (rule === 'not run' || rule === 'picture') return;
    if (rule === 'output') return expectOutput(block, output);
    const module = modules.find(({ blocks: [first] }) => first === block);
    if (module) writeModule(here, module);
    else if (rule === 'file') writeText(here, detail, `${block.text}\n`);
    if (rule === 'run') return remember(await ranModule(on, modulePath(block)));
    if (language === 'sql') return remember(await queried(on, asTyped(block.text, seen, on)));
    if (language !== 'sh') return;
    const text = asTyped(block.text, seen, on);
    remember(rule === 'serve' ? await served(on, text) : await ran(on, block, text));
  };
}

/** What is written in brackets: the reader puts in what was answered last. */
const SEEN = {
  sagaId: /\b([a-z][a-z0-9_]*-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\b/g,
  fingerprint: /\b([0-9a-f]{16})\b/g,
  taskId: /^ *(\d{1,9}) +open\b/gm,
  key: /^ {2}([\w-]{43})$/gm,
  entry: /\b(sha256:[0-9a-f]{64}:\S+)/g,
};

function asTyped(text: string, seen: ReadonlyMap<string, string>, { url, databaseUrl }: Machine): string {
  const typed = text
    .replaceAll('http://127.0.0.1:3000', url)
    .replaceAll('https://backstep.example.com', url)
    .replaceAll(/postgresql:\/\/[\w:]+@127\.0\.0\.1:5432\/\w+/g, databaseUrl);
  return typed.replaceAll(/<([a-zA-Z]+)>/g, (whole, name: string) => {
    const value = seen.get(name);
    if (value === undefined) throw new Error(`${whole} was not seen before: ${text}`);
    return value;
  });
}

/** `exits 7` is what the document promises; `until …` asks again until the answer has that in it. */
async function ran(on: Machine, block: Block, text: string): Promise<string> {
  const expected = block.rule === 'exits' ? Number(block.detail) : 0;
  const deadline = performance.now() + READS_MS;
  for (;;) {
    const { code, output } = await on.run(text);
    if (code !== expected)
      throw new Error(`${where(block)}: exit code ${code}, expected ${expected}\n${text}\n${output}`);
    if (block.rule !== 'until' || output.includes(block.detail)) return output;
    if (performance.now() > deadline) throw new Error(`${where(block)}: never ${block.detail}\n${output}`);
    await sleep(PAUSE_MS);
  }
}

async function served(on: Machine, text: string): Promise<string> {
  await on.serve(text);
  return '';
}

async function ranModule(on: Machine, path: string): Promise<string> {
  const { code, output } = await on.run(`node ${path}`);
  if (code !== 0) throw new Error(`${path}: exit code ${code}\n${output}`);
  return output;
}

const modulePath = (block: Block) => `line-${block.line}.${block.language}`;

async function queried({ databaseUrl }: Machine, text: string): Promise<string> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<object>(text);
    return JSON.stringify(rows);
  } finally {
    await client.end();
  }
}

test('a document that is walked through is one at least', () => expect(walked).not.toEqual([]));
