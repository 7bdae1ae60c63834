import { join } from 'node:path';
import { requireFreePort } from '../cli/http-server.ts';
import { runUntilStopped } from '../cli/lifetime.ts';
import { say } from '../cli/say.ts';
import type { Config } from '../config.ts';
import { startSandbox } from '../sagas/sandbox/server.ts';

export const BOOKS_FILE = 'sandbox-books.jsonl';

/** The sandbox payment provider alone. */
export function sandbox({ host, port, dataDir }: Config): Promise<number> {
  return runUntilStopped(async ({ closing }) => {
    await requireFreePort({ host, port });
    const server = await startSandbox({ host, port, booksFile: join(dataDir, BOOKS_FILE) });
    closing.add('the sandbox', () => server.close());
    say(`Sandbox payment provider at ${server.url}; stop it with Ctrl-C`);
  }, say);
}
