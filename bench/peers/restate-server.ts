import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { eventually } from '../../test/support/eventually.ts';
import { freePort } from '../../src/servers/ports.ts';

export interface RestateServer {
  readonly pid: number;
  readonly ingressUrl: string;
  readonly adminUrl: string;
  stop(): Promise<void>;
}

/** One node with its default settings, on a folder of its own, which it loses at the end. */
export async function startRestate(folder: string): Promise<RestateServer> {
  const baseDir = resolve(folder, 'restate');
  rmSync(baseDir, { recursive: true, force: true });
  mkdirSync(baseDir, { recursive: true });
  const [admin, ingress, node] = [await freePort(), await freePort(), await freePort()];
  const child = execFile(binary(), ['--no-logo'], {
    cwd: baseDir,
    env: {
      RESTATE_BASE_DIR: baseDir,
      RESTATE_LISTEN_MODE: 'tcp',
      RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
      RESTATE_DISABLE_TELEMETRY: 'true',
      RESTATE_LOG_FILTER: 'error',
    },
  });
  const exited = once(child, 'exit');
  const urlOf = (port: number) => `http://127.0.0.1:${port}`;
  await eventually(async () => (await fetch(`${urlOf(admin)}/health`)).ok, { timeoutMs: 60_000 });
  await eventually(async () => (await fetch(`${urlOf(ingress)}/restate/health`)).ok, { timeoutMs: 60_000 });
  return {
    pid: child.pid ?? 0,
    ingressUrl: urlOf(ingress),
    adminUrl: urlOf(admin),
    stop: async () => {
      child.kill();
      await exited;
      rmSync(baseDir, { recursive: true, force: true });
    },
  };
}

/** It comes in a package for each platform. */
function binary(): string {
  const require = createRequire(import.meta.url);
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  return join(require.resolve(`${name}/package.json`), '../bin/restate-server');
}
