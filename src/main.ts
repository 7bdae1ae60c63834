#!/usr/bin/env node
/** This repository's command line: the package's, and the billing example where no module is named. */
import { runCli } from './cli/cli.ts';
import { processWorld } from './cli/verbs/world.ts';
import { billingExample } from './example/example.ts';

const code = await runCli(process.argv.slice(2), { ...processWorld(), example: billingExample });
// A library may hold a timer or a socket that nobody waits for any more.
process.exit(code);
