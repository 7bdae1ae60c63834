import type { ChildProcess } from 'node:child_process';
import { fork } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** A process that was killed is started again after this long, in milliseconds. */
const RESTART_MS = 300;
const STOP_GRACE_MS = 25_000;

export interface MemberSpec {
  readonly name: string;
  readonly main: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
}

/** A process of the system under test, started again whenever it ends. */
export interface Member {
  readonly name: string;
  /** Undefined between its end and its next start. */
  readonly pid: number | undefined;
  /** All it ever had. */
  readonly pids: readonly number[];
  /** What it said last; undefined until it is ready for the first time. */
  readonly message: unknown;
  /** Ends that nobody asked for. */
  readonly deaths: readonly string[];
  kill(): void;
  /** False when the process with this pid runs no more. */
  signal(pid: number, signal: NodeJS.Signals): boolean;
  /** Asks it to end. Resolves with what was wrong with how it ended, if anything. */
  stop(): Promise<string | undefined>;
}

export function startMember(spec: MemberSpec): Member {
  const [pids, deaths]: [number[], string[]] = [[], []];
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let said: unknown;

  const start = () => {
    const started = forkMember(spec);
    child = started;
    if (started.pid !== undefined) pids.push(started.pid);
    let refused = false;
    started.on('message', (message) => {
      if (isStartFailure(message)) refused = true;
      else said = message;
    });
    started.once('exit', (code, signal) => {
      child = undefined;
      if (stopping) return;
      if (!refused && signal !== 'SIGKILL') deaths.push(`${spec.name} (pid ${started.pid}) ended by ${signal ?? code}`);
      timer = setTimeout(start, RESTART_MS);
    });
  };
  start();
  return {
    name: spec.name,
    get pid() {
      return child?.pid;
    },
    pids,
    deaths,
    get message() {
      return said;
    },
    kill: () => void child?.kill('SIGKILL'),
    signal: (pid, signal) => child?.pid === pid && child.kill(signal),
    stop: async () => {
      stopping = true;
      clearTimeout(timer);
      return child && endOf(spec.name, child);
    },
  };
}

/** In a process group of its own: a Ctrl-C in the terminal reaches it through us only. */
function forkMember({ main, args, env, logFile }: MemberSpec): ChildProcess {
  const output = openSync(logFile, 'a');
  const { PATH, HOME } = process.env;
  const child = fork(main, args, {
    env: { PATH, HOME, ...env },
    execArgv: ['--import', 'tsx'],
    stdio: ['ignore', output, output, 'ipc'],
    detached: true,
  });
  closeSync(output);
  child.on('error', () => undefined);
  return child;
}

/** A process may be asked to start while its servers are away: it says so, and is started again. */
function isStartFailure(message: unknown): boolean {
  return typeof message === 'object' && message !== null && 'startFailure' in message;
}

async function endOf(name: string, child: ChildProcess): Promise<string | undefined> {
  if (child.exitCode !== null || child.signalCode !== null) return undefined;
  const exited = new Promise<string | undefined>((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(code === 0 ? undefined : `${name} ended by ${signal ?? `code ${code}`} when it was asked to stop`),
    );
  });
  child.kill('SIGCONT');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), STOP_GRACE_MS);
  const outcome = await exited;
  clearTimeout(timer);
  return outcome;
}
