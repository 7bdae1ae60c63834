/** One line: fields, then what happened. */
export interface LogLine {
  (fields: object, message?: string): void;
  (message: string): void;
}

/** What Backstep and its steps log to. A logger of pino is one. */
export interface Log {
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  /** A log with `fields` in each of its lines. */
  child(fields: object): Log;
}

type Write = (fields: object, message: string) => void;

/** A log of another kind that a `Log` can be made of: `console`, or one of Nest's, which says `log` for info. */
export interface PlainLog {
  readonly debug: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly info?: Write;
  readonly log?: Write;
}

const nothing = () => undefined;

const SILENT: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, child: () => SILENT };

/** Without a log nothing is said. */
export function logOf(given: Log | PlainLog | undefined): Log {
  if (given === undefined) return SILENT;
  return isLog(given) ? given : withFields(given, {});
}

const isLog = (given: Log | PlainLog): given is Log => 'child' in given && typeof given.info === 'function';

function withFields(target: PlainLog, fields: object): Log {
  const line =
    (write: Write): LogLine =>
    (said: object | string, message: string = '') =>
      typeof said === 'string' ? write(fields, said) : write({ ...fields, ...said }, message);
  return {
    debug: line((all, message) => target.debug(all, message)),
    info: line((all, message) => (target.info ? target.info(all, message) : target.log?.(all, message))),
    warn: line((all, message) => target.warn(all, message)),
    error: line((all, message) => target.error(all, message)),
    child: (more) => withFields(target, { ...fields, ...more }),
  };
}
