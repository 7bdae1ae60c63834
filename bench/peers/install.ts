import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { StartupError } from '../../src/startup-error.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Once a checkout, and without the scripts of the packages: one of them reports the installation to its makers. */
export function installPeers(say: (line: string) => void): void {
  if (existsSync(`${HERE}node_modules`)) return;
  say('Installing DBOS and Restate below bench/peers');
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-package-lock'];
  try {
    execFileSync('npm', args, { cwd: HERE, stdio: ['ignore', 'ignore', 'inherit'] });
  } catch (error) {
    throw new StartupError('The peers could not be installed: npm install failed in bench/peers', { cause: error });
  }
}
