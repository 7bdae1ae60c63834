#!/usr/bin/env node
/** The package's command line. */
import { runCli } from './cli.ts';

const code = await runCli(process.argv.slice(2));
// A library may hold a timer or a socket that nobody waits for any more.
process.exit(code);
