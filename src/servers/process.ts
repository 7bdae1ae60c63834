import { execFileSync, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 50;

/** A user to run a server as. Undefined: the user of this process. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * When a process began, in a form that no other process with the same pid can have: a pid alone is given to a new
 * process sooner or later. Undefined when it does not run (a zombie does not).
 */
export function startIdentity(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? linuxIdentity(pid) : psIdentity(pid);
  } catch {
    return undefined;
  }
}

function linuxIdentity(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the name in brackets and may hold spaces: count from its end. See proc(5).
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTicks] = [fields[0], fields[19]];
  if (state === 'Z' || startTicks === undefined) return undefined;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}:${startTicks}`;
}

function psIdentity(pid: number): string | undefined {
  const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  return line === '' || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

/** The command line of a process, words joined by spaces; empty when it does not run or cannot be read. */
export function commandLine(pid: number): string {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}

export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly owner: Owner | undefined;
}

/**
 * Starts a server that outlives this process until it is stopped by pid. It is in a process group of its own, so that a
 * Ctrl-C in the terminal reaches only us, and the servers can go last. Output is appended to `logFile`.
 */
export async function spawnServer(command: ServerCommand, logFile: string): Promise<number> {
  const output = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command.file, command.args, {
      cwd: command.cwd,
      env: command.env,
      stdio: ['ignore', output, output],
      detached: true,
      ...command.owner,
    });
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    child.unref();
    if (child.pid === undefined) throw new Error(`${command.file} was started without a pid`);
    return child.pid;
  } finally {
    closeSync(output);
  }
}

/** Waits until the process is gone; false when it still runs after `timeoutMs`. */
export async function waitForExit(pid: number, identity: string, timeoutMs: number): Promise<boolean> {
  const deadline = performance.now() + timeoutMs;
  while (startIdentity(pid) === identity) {
    if (performance.now() > deadline) return false;
    await sleep(POLL_MS);
  }
  return true;
}

/** Ends the process that `identity` is of, and only that one: `signal`, and `force` when it has not gone after the grace. */
export async function stopProcess(
  pid: number,
  identity: string,
  { signal, force, graceMs }: { signal: NodeJS.Signals; force: NodeJS.Signals; graceMs: number },
): Promise<void> {
  for (const [each, timeoutMs] of [
    [signal, graceMs],
    [force, 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (startIdentity(pid) !== identity) return;
    kill(pid, each);
    if (await waitForExit(pid, identity, timeoutMs)) return;
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
