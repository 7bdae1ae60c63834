/** The sandbox provider as a process: `node main.js --port 0 --host 127.0.0.1 --books FILE`. */
import { parseArgs } from 'node:util';
import { startSandbox } from './server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: '127.0.0.1' },
    books: { type: 'string' },
  },
});
if (values.books === undefined) throw new Error('--books FILE is required');

const sandbox = await startSandbox({ port: Number(values.port), host: values.host, booksFile: values.books });
const message = { url: sandbox.url };
// A parent is told the address by message and takes the sandbox with it when it goes; a shell reads a line.
if (process.send) process.send(message);
else process.stdout.write(`${JSON.stringify(message)}\n`);

const stop = () => void sandbox.close().then(() => process.exit());
for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(event, stop);
