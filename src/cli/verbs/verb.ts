import type { Api } from '../client/api.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Terminal } from '../output/terminal.ts';

export interface ArgumentSpec {
  /** As the help writes it: `ID`. */
  readonly name: string;
  readonly text: string;
}

export interface OptionSpec {
  readonly type: 'string' | 'boolean';
  /** What the help calls the value of a `string`: `FILE`. */
  readonly value?: string;
  readonly text: string;
  /** Default false. */
  readonly required?: boolean;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What the options came to; one that was not given is not there. */
export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S as S[K] extends { required: true } ? K : never]: string;
} & { readonly [K in keyof S]?: S[K]['type'] extends 'boolean' ? boolean : string };

/** The world of a verb. */
export interface VerbContext {
  readonly api: Api;
  readonly terminal: Terminal;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<void>;
  /** The text of a file, or of stdin for `-`. */
  readonly readText: (file: string) => Promise<string>;
}

export interface VerbCall<A extends string = string, S extends OptionSpecs = OptionSpecs> extends VerbContext {
  readonly args: Readonly<Record<A, string>>;
  readonly options: OptionValues<S>;
}

export interface VerbOptions<A extends string, S extends OptionSpecs> {
  /** `['sagas', 'list']`. */
  readonly path: readonly string[];
  /** One line, as an order: `List sagas, newest first`. */
  readonly summary: string;
  /** What else the help has to say. */
  readonly notes?: readonly string[];
  readonly args?: readonly (ArgumentSpec & { readonly name: A })[];
  readonly options: S;
  /** Whole command lines without `backstep`. */
  readonly examples: readonly string[];
  readonly run: (call: VerbCall<A, S>) => Promise<ExitCode>;
}

/** A command that talks to the API. */
export type Verb = VerbOptions<string, OptionSpecs>;

/** Ties the types of `run` to the arguments and options. */
export function verb<const A extends string = never, const S extends OptionSpecs = OptionSpecs>(
  options: VerbOptions<A, S>,
): Verb {
  return options as unknown as Verb;
}

/** Every verb has these. */
export const CONNECTION_OPTIONS = {
  url: { type: 'string', value: 'URL', text: 'where the API is. Default: BACKSTEP_URL, or http://127.0.0.1:3000' },
  'key-file': {
    type: 'string',
    value: 'FILE',
    text: 'a file with the API key in it. Default: the key in BACKSTEP_KEY',
  },
  json: { type: 'boolean', text: "the API's JSON instead of text; errors are problem documents on stderr" },
  help: { type: 'boolean', text: 'this text' },
} as const satisfies OptionSpecs;

/** Whether `--json` was given: an option of every verb. */
export function asJson({ options }: { readonly options: object }): boolean {
  return 'json' in options && options.json === true;
}

export const REASON = {
  type: 'string',
  value: 'TEXT',
  text: 'why; it is kept with your name (required)',
  required: true,
} as const satisfies OptionSpec;

export const WATCH = {
  type: 'boolean',
  text: 'look again every 2 s; where the output is no terminal, write only what changed',
} as const satisfies OptionSpec;
