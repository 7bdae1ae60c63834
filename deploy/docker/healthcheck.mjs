/**
 * Whether the process of this container answers: an API at PORT, a worker or an autoscaler at METRICS_PORT. Or at the URLs
 * that are its arguments, any answer of which will do that is no failure of the server.
 */
const TIMEOUT_MS = 3_000;
const { PORT = '3000', METRICS_PORT = '9464' } = process.env;

const given = process.argv.slice(2);
const urls = given.length > 0 ? given : [`http://127.0.0.1:${PORT}/readyz`, `http://127.0.0.1:${METRICS_PORT}/healthz`];

async function ask(url) {
  const { status } = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (status >= (given.length > 0 ? 500 : 300)) throw new Error(`${url} answers ${status}`);
}

try {
  await Promise.any(urls.map(ask));
} catch (error) {
  process.stderr.write(`${error.errors.map((each) => each.cause?.message ?? each.message).join('; ')}\n`);
  process.exitCode = 1;
}
