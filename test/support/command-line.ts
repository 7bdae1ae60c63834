import { Writable } from 'node:stream';
import { runCli } from '../../src/cli/cli.ts';
import type { World } from '../../src/cli/verbs/world.ts';

/** The time in a command line's world. */
export const NOW = Date.parse('2026-01-02T04:00:00Z');

export interface CommandLineOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Files by their name; `-` is stdin. */
  readonly files?: Readonly<Record<string, string>>;
  /** Default: no terminal. */
  readonly terminal?: { readonly columns: number; readonly rows: number };
  /** Called instead of each pause. */
  readonly onPause?: () => void;
}

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line in this process. */
export async function commandLine(words: readonly string[], options: CommandLineOptions = {}): Promise<Outcome> {
  const { env = {}, files = {}, terminal, onPause = () => undefined } = options;
  const [stdout, stderr] = [collector(), collector()];
  const world: World = {
    env,
    stdout: terminal === undefined ? stdout.stream : Object.assign(stdout.stream, { isTTY: true, ...terminal }),
    stderr: stderr.stream,
    nowMs: () => NOW,
    // A turn of the event loop, so that a loop of pauses starves nobody.
    pause: () => new Promise((resolve) => setImmediate(() => resolve(onPause()))),
    readText: async (file) => {
      const found = files[file];
      if (found === undefined) throw new Error(`no file ${file}`);
      return found;
    },
  };
  const code = await runCli(words, world);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}

function collector(): { stream: Writable; text: () => string } {
  let text = '';
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return { stream, text: () => text };
}
