import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { StartFailure } from '../child.ts';
import type { Example } from '../command.ts';
import type { TerminalOptions } from '../output/terminal.ts';
import type { VerbContext } from './verb.ts';

/** What a verb is given beside its words; the process itself, or what a test makes. */
export interface World extends Pick<VerbContext, 'nowMs' | 'pause' | 'readText'> {
  readonly stdout: TerminalOptions['stdout'];
  readonly stderr: TerminalOptions['stderr'];
  /** Default: the environment of the process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Says to whoever forked us why we cannot start. Default: nobody did. */
  readonly tellParent?: (failure: StartFailure) => Promise<void>;
  /** Default: sagas are in modules only. */
  readonly example?: Example;
}

/** The process itself. */
export function processWorld(): World {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    nowMs: Date.now,
    pause: (ms) => sleep(ms),
    readText: (file) => (file === '-' ? text(process.stdin) : readFile(file, 'utf8')),
    ...(process.connected
      ? { tellParent: (failure) => new Promise((resolve) => process.send?.(failure, () => resolve())) }
      : {}),
  };
}
