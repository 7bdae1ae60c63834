/** How long the same error of one source is not noted again, in milliseconds. */
const SAME_ERROR_MS = 10_000;

/** While Redis is away BullMQ says so many times a second: what else is in the log would be lost among it. */
export function sparing(note: (message: string) => void, now = () => performance.now()): (error: Error) => void {
  let last = { message: '', atMs: -Infinity };
  return ({ message }) => {
    const atMs = now();
    if (message === last.message && atMs - last.atMs < SAME_ERROR_MS) return;
    last = { message, atMs };
    note(message);
  };
}
