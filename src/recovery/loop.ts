/** Something that runs again and again until it is closed. */
export interface Loop {
  /** Runs again at once, or once more when it is running. */
  nudge(): void;
  /** Resolves when the run under way has ended; none follows. */
  close(): Promise<void>;
}

/** Runs `turn` until closed. It answers how long to rest after it, in milliseconds, and must not reject. */
export function startLoop(turn: () => Promise<number>): Loop {
  let closing = false;
  let nudged = false;
  let wake: () => void = () => undefined;

  const rest = (ms: number) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  async function run(): Promise<void> {
    while (!closing) {
      nudged = false;
      const restMs = await turn();
      if (!closing && !nudged) await rest(restMs);
    }
  }

  const ended = run();
  return {
    nudge: () => {
      nudged = true;
      wake();
    },
    close: () => {
      closing = true;
      wake();
      return ended;
    },
  };
}
