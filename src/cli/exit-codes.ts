/** What the exit code of the program says; scripts rely on it. */
export const EXIT = {
  done: 0,
  /** Unforeseen, or a process of Backstep that cannot start. */
  unexpected: 1,
  usage: 2,
  /** The API refuses the request: a 4xx that has no code of its own here. */
  refused: 3,
  notFound: 4,
  forbidden: 5,
  /** Nobody answers, something else than the API does, or it answers 5xx. */
  unavailable: 6,
  notCompleted: 7,
  conflict: 8,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODES_HELP: readonly (readonly [code: ExitCode, meaning: string])[] = [
  [EXIT.done, 'done'],
  [EXIT.unexpected, 'unexpected, or a process cannot start'],
  [EXIT.usage, 'not understood: an unknown command or option, a missing reason'],
  [EXIT.refused, 'refused by the API'],
  [EXIT.notFound, 'there is no such saga, task, step or type'],
  [EXIT.forbidden, 'no key, a wrong one, or one whose role may not'],
  [EXIT.unavailable, 'the API cannot be reached, or cannot answer now'],
  [EXIT.notCompleted, 'the saga that was waited for or watched did not end COMPLETED'],
  [EXIT.conflict, 'somebody was first, or the state does not allow it'],
];

/** The exit code for an HTTP status of 400 or more. */
export function exitCodeOf(status: number): ExitCode {
  if (status >= 500) return EXIT.unavailable;
  if (status === 401 || status === 403) return EXIT.forbidden;
  if (status === 404) return EXIT.notFound;
  return status === 409 ? EXIT.conflict : EXIT.refused;
}
