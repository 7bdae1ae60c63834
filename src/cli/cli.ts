import type { Config } from '../config.ts';
import { reasonOf, StartupError } from '../startup-error.ts';
import { api } from './commands/api.ts';
import { autoscale } from './commands/autoscale.ts';
import { dev } from './commands/dev.ts';
import { key } from './commands/key.ts';
import { migrateCommand } from './commands/migrate.ts';
import { sandbox } from './commands/sandbox.ts';
import { worker } from './commands/worker.ts';
import { readOptions } from './options.ts';
import type { StartFailure } from './child.ts';

/** Runs until it is done or stopped; returns the exit code. Throws a `StartupError` for what the user can mend. */
export type Command = (config: Config) => Promise<number>;

const COMMANDS: Readonly<Record<string, Command>> = {
  dev,
  api,
  worker,
  autoscale,
  migrate: migrateCommand,
  sandbox,
};

const HELP = `Usage: backstep <command> [options]

Commands
  dev         everything on this machine: servers, migrations, API, workers and a sandbox payment provider
  api         the HTTP API and the dashboard; needs DATABASE_URL
  worker      runs sagas; needs DATABASE_URL
  autoscale   as many workers on this machine as there is work for; needs DATABASE_URL
  migrate     brings the database at DATABASE_URL to the schema of this version
  sandbox     a payment provider to try things on
  key         makes a key for the API: --role viewer, starter or operator, --name NAME

Options
  --sagas FILE   a module with sagas, .js or .ts; may be given several times. Default: the billing sagas
  --port PORT    where the API (or the sandbox) listens. Default 3000
  --host HOST    Default 127.0.0.1
  --min N        the fewest workers of autoscale and dev. Default 1
  --max N        the most. Default: as many as this machine has processors
  -h, --help     this text

Environment
  DATABASE_URL         postgresql://user:password@host:port/database; dev starts its own without it
  REDIS_URL            redis://host:port; without it dev starts its own, the others keep the queues in PostgreSQL
  PORT, HOST           as --port and --host; a HOST that others reach takes API_KEYS
  API_KEYS             who may use the API: key:role or key:role:name, separated by commas; a key may be sha256:HASH
  SESSION_SECRET       signs the sessions of browsers, 32 characters or more; several API processes need the same
  SESSION_HOURS        how long a session lasts. Default 12
  RATE_LIMIT_PER_MINUTE
                       requests of one key in one API process; 0 is no limit. Default 60000
  TRUST_PROXY          how many proxies stand before the API. Default 0
  METRICS_PORT         where worker and autoscale serve /metrics and /healthz. Default: nowhere
  SAGA_MODULES         files as --sagas, separated by commas
  PROVIDER_URL         the payment provider of the billing sagas; dev starts a sandbox without it
  DATA_DIR             where dev keeps its servers' data. Default .data
  WORKER_CONCURRENCY   jobs at once in one worker. Default 50
  AUTOSCALE_MIN        as --min; the API reports how many workers a cluster should have within
  AUTOSCALE_MAX        as --max
  GRACE_MS             how long running steps may go on after SIGTERM. Default 10000
  OUTPUT_LIMIT_BYTES   the largest output of a step, and the largest input, as JSON. Default 262144
  RETENTION_DAYS       how long finished sagas are kept. Default 30
  AUDIT_RETENTION_DAYS how long the audit of what people did is kept. Default 365
  OTEL_EXPORTER_OTLP_ENDPOINT
                       where traces are sent; nothing is traced without it, and without OpenTelemetry's packages
  OTEL_SERVICE_NAME    what traces call this process. Default backstep
  QUEUE_PREFIX         the prefix of BullMQ's keys. Default {backstep}
  LOG_LEVEL            fatal, error, warn, info, debug, trace or silent. Default info
`;

/** The command line. Returns the exit code; what goes wrong is one line on stderr. */
export async function runCli([name = '', ...args]: readonly string[]): Promise<number> {
  try {
    if (name === '' || name === '--help' || name === '-h' || name === 'help') return print(HELP, name === '' ? 1 : 0);
    if (name === 'key') return key(args);
    const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (command === undefined)
      throw new StartupError(`Unknown command ${name}: expected ${[...Object.keys(COMMANDS), 'key'].join(', ')}`);
    const { help, config } = readOptions(args);
    return help ? print(HELP, 0) : await command(config);
  } catch (error) {
    await fail(error);
    return 1;
  }
}

function print(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

/** A parent that forked us says it in its own words. */
async function fail(error: unknown): Promise<void> {
  const line = error instanceof StartupError ? error.message : `Unexpected ${describe(error)}`;
  const failure: StartFailure = { startFailure: line };
  // Waited for: the process ends after this.
  if (process.connected) await new Promise((resolve) => process.send?.(failure, resolve));
  else process.stderr.write(`backstep: ${line}\n`);
}

function describe(error: unknown): string {
  const where = error instanceof Error ? /\n\s+(at .+)/.exec(error.stack ?? '')?.[1] : undefined;
  return `${error instanceof Error ? error.name : 'error'}: ${reasonOf(error)}${where === undefined ? '' : ` (${where})`}`;
}
