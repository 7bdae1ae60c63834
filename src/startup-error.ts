/** Why a process cannot start, as one line for the person who started it. The command line prints it without a stack. */
export class StartupError extends Error {
  override readonly name: string = 'StartupError';
}

const PROTOCOLS = /^(postgres|postgresql|redis|rediss|http|https):\/\//;

/** The URL with its password hidden, for messages. What is no such URL is not repeated at all: it may hold a password. */
export function maskUrl(url: string): string {
  if (!PROTOCOLS.test(url) || !URL.canParse(url)) return '(not a URL)';
  const masked = new URL(url);
  if (masked.password !== '') masked.password = '***';
  for (const name of ['password', 'sslpassword'])
    if (masked.searchParams.has(name)) masked.searchParams.set(name, '***');
  return masked.href;
}

/** The message of an error, also of those that say it elsewhere: an `AggregateError` of refused connections has none. */
export function reasonOf(error: unknown): string {
  // By its fields, not its class: an error may come from another realm or another copy of a library.
  const { message, name, errors } = (error ?? {}) as { message?: unknown; name?: unknown; errors?: unknown };
  if (message === '' && Array.isArray(errors)) return errors.map(reasonOf).join('; ');
  const isText = (part: unknown): part is string => typeof part === 'string' && part !== '';
  const text = [message, name].find(isText) ?? String(error);
  return text.replaceAll(/\s*\n\s*/g, ' ').trim();
}
