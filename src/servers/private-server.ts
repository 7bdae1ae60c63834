import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf, StartupError } from '../startup-error.ts';
import { freePort } from './ports.ts';
import { commandLine, type ServerCommand, spawnServer, startIdentity, stopProcess } from './process.ts';
import { readLines, readRecord, writeRecord } from './record.ts';

const READY_TIMEOUT_MS = 60_000;
const STOP_GRACE_MS = 20_000;
const STILL_WAITING_MS = 5000;
const POLL_MS = 50;
const START_ATTEMPTS = 3;
const WATCH_MS = 1000;

export type Progress = (line: string) => void;

/** What PostgreSQL and Redis have in common as servers of our own. */
export interface ServerSpec {
  /** For people: `PostgreSQL 15.18`. */
  readonly title: string;
  readonly recordFile: string;
  readonly logFile: string;
  readonly stopSignal: NodeJS.Signals;
  /** When it is asked to stop and does not. */
  readonly forceSignal: NodeJS.Signals;
  readonly command: (port: number) => ServerCommand;
  /**
   * Asks the server on `port` whether it serves this data. False: it is another server. Throws while it cannot be asked
   * (not up yet, going down).
   */
  readonly serves: (port: number) => Promise<boolean>;
  /** What the server itself wrote down: how it is found when we died between its start and our record. */
  readonly ownRecord: () => { readonly pid: number; readonly port: number | undefined } | undefined;
  /** Whether a command line is that of this server: a pid file may outlive its process, and the pid be another's. */
  readonly isCommandLine: (line: string, port: number) => boolean;
  /** Removes what a server that is gone left behind. */
  readonly clearStale: () => void;
}

export interface PrivateServer {
  readonly port: number;
  readonly pid: number;
  /** It was already running, left by a process that was killed. */
  readonly adopted: boolean;
  stop(): Promise<void>;
}

interface Found {
  readonly pid: number;
  readonly port: number;
  readonly identity: string;
}

export interface Telling {
  /** Called with one line before each thing that takes time. */
  readonly progress: Progress;
  /** Called with one line when the server has ended without being asked to. Default: nobody is told. */
  readonly onEnded?: Progress | undefined;
}

/** Takes over the server when it already runs on this data, else starts it. Resolves when it answers. */
export async function runPrivateServer(spec: ServerSpec, { progress, onEnded }: Telling): Promise<PrivateServer> {
  const left = findLeft(spec);
  if (left !== undefined && (await becomesReady(spec, left, progress))) {
    progress(`${spec.title} still runs on port ${left.port} (pid ${left.pid}): taken over`);
    return privateServer(spec, { ...left, adopted: true }, onEnded);
  }
  spec.clearStale();
  return privateServer(spec, { ...(await start(spec, progress)), adopted: false }, onEnded);
}

/** A process that may be the server, left by a run that was killed. */
function findLeft(spec: ServerSpec): Found | undefined {
  const record = readRecord(spec.recordFile);
  const known = record?.pid === undefined ? undefined : { ...record, pid: record.pid };
  const identity = known === undefined ? undefined : startIdentity(known.pid);
  if (known !== undefined && identity !== undefined && identity === known.startIdentity) return { ...known, identity };

  const own = spec.ownRecord();
  const port = own?.port ?? record?.port;
  if (own === undefined || port === undefined) return undefined;
  const ownIdentity = startIdentity(own.pid);
  if (ownIdentity === undefined || !spec.isCommandLine(commandLine(own.pid), port)) return undefined;
  return { pid: own.pid, port, identity: ownIdentity };
}

/** True when the server answers and serves our data, false when it is gone or another. Throws when it does neither. */
async function becomesReady(spec: ServerSpec, { pid, port, identity }: Found, progress: Progress): Promise<boolean> {
  const deadline = performance.now() + READY_TIMEOUT_MS;
  let nextLine = performance.now() + STILL_WAITING_MS;
  for (;;) {
    if (startIdentity(pid) !== identity) return false;
    try {
      return await spec.serves(port);
    } catch (error) {
      if (performance.now() > deadline)
        throw new StartupError(
          `${spec.title} (pid ${pid}, port ${port}) does not answer: ${reasonOf(error)}. Its log is ${spec.logFile}`,
          { cause: error },
        );
    }
    if (performance.now() > nextLine) {
      progress(`Still waiting for ${spec.title} to answer`);
      nextLine += STILL_WAITING_MS;
    }
    await sleep(POLL_MS);
  }
}

async function start(spec: ServerSpec, progress: Progress): Promise<Found> {
  progress(`Starting ${spec.title}`);
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(attempt === 1 ? readRecord(spec.recordFile)?.port : undefined);
    // The port first: the server's own pid file does not always tell it.
    writeRecord(spec.recordFile, { port });
    const logLinesBefore = readLines(spec.logFile).length;
    const pid = await launch(spec, port);
    const identity = startIdentity(pid) ?? '';
    writeRecord(spec.recordFile, { port, pid, startIdentity: identity });
    try {
      if (await becomesReady(spec, { pid, port, identity }, progress)) return { pid, port, identity };
    } catch (error) {
      await stopProcess(pid, identity, { signal: spec.stopSignal, force: spec.forceSignal, graceMs: STOP_GRACE_MS });
      throw error;
    }
    const said = readLines(spec.logFile).slice(Math.max(0, logLinesBefore - 1));
    // Between our probe of the port and the server's own bind, someone else may have taken it.
    const portWasTaken = said.some((line) => /address already in use/i.test(line));
    if (!portWasTaken || attempt === START_ATTEMPTS)
      throw new StartupError(`${spec.title} does not start: ${lastWords(said)}. Its log is ${spec.logFile}`);
  }
}

async function launch(spec: ServerSpec, port: number): Promise<number> {
  const command = spec.command(port);
  try {
    return await spawnServer(command, spec.logFile);
  } catch (error) {
    throw new StartupError(`${command.file} cannot be run: ${reasonOf(error)}`, { cause: error });
  }
}

/** The line of a server's log that tells why it ended. */
function lastWords(lines: readonly string[]): string {
  const spoken = lines.map((line) => line.trim()).filter((line) => line !== '');
  return (
    spoken.findLast((line) => /FATAL|ERROR|error:|can't|cannot|could not/i.test(line)) ??
    spoken.at(-1) ??
    'it said nothing'
  );
}

function privateServer(
  spec: ServerSpec,
  { pid, port, identity, adopted }: Found & { readonly adopted: boolean },
  onEnded: Progress | undefined,
): PrivateServer {
  writeRecord(spec.recordFile, { port, pid, startIdentity: identity });
  const unwatch = onEnded === undefined ? () => undefined : watch(spec, { pid, port, identity }, onEnded);
  return {
    port,
    pid,
    adopted,
    stop: async () => {
      unwatch();
      await stopProcess(pid, identity, { signal: spec.stopSignal, force: spec.forceSignal, graceMs: STOP_GRACE_MS });
      writeRecord(spec.recordFile, { port });
    },
  };
}

/**
 * Asks for the process, as one that was taken over is nobody's child. It is not started again here: of a PostgreSQL that was
 * killed, processes may still write.
 */
function watch({ title, logFile }: ServerSpec, { pid, port, identity }: Found, onEnded: Progress): () => void {
  const timer = setInterval(() => {
    if (startIdentity(pid) === identity) return;
    clearInterval(timer);
    onEnded(
      `${title} on port ${port} (pid ${pid}) has ended: stop with Ctrl-C and start again, it all goes on where it was. Its log is ${logFile}`,
    );
  }, WATCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}
