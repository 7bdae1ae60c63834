import { type ChildProcess, spawn } from 'node:child_process';
import { startIdentity } from '../../src/servers/process.ts';
import { eventually } from './eventually.ts';

export interface Program {
  readonly pid: number;
  /** What it wrote so far. */
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  kill(signal: NodeJS.Signals): void;
}

/** Runs a TypeScript file of this project, with nothing of our environment but what `env` gives. */
export function runTypeScript(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Program {
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', file, ...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child.stdout), collect(child.stderr)];
  // 'close' comes after the last of the output.
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return { pid: pidOf(child), stdout, stderr, exited, kill: (signal) => void child.kill(signal) };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return () => text;
}

function pidOf({ pid }: ChildProcess): number {
  if (pid === undefined) throw new Error('The program was not started');
  return pid;
}

export const isRunning = (pid: number): boolean => startIdentity(pid) !== undefined;

export async function gone(pid: number): Promise<void> {
  await eventually(() => !isRunning(pid));
}
