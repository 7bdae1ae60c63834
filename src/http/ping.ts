/** How long a server may take to answer a ping, in milliseconds. */
const PING_LIMIT_MS = 2_000;

/** Whether a server answers, and in time. */
export async function answers(ping: () => Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, PING_LIMIT_MS, false);
  });
  const answer = ping().then(
    () => true,
    () => false,
  );
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
