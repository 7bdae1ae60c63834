import { isMarked } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { z } from 'zod';
import type { Bounds } from '../autoscaling/policy.ts';
import type { Exposition } from '../metrics/exposition.ts';
import type { Runner } from '../runner/interface.ts';
import type { Access } from './access/access.ts';
import type { Principal } from './access/principal.ts';
import type { Desk } from './desk.ts';
import type { Feeds } from './feeds.ts';
import type { Tag } from './tags.ts';

export type Role = 'public' | 'viewer' | 'starter' | 'operator';

/** What a handler is given: everything already parsed by the route's schemas. */
export interface RouteRequest<P = unknown, Q = unknown, B = unknown> {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** Who asks: the name of the API key, or `anonymous`. */
  readonly actor: string;
  /** The same in full; undefined on public routes, where nobody is asked. */
  readonly principal: Principal | undefined;
  /** Whether it came over HTTPS. */
  readonly secure: boolean;
  /** The path that the router is mounted at, such as `/backstep`; empty at the root. */
  readonly mount: string;
  readonly log: Log;
}

export interface Services {
  readonly runner: Runner;
  readonly access: Access;
  readonly scaling: Bounds;
  readonly feeds: Feeds;
  readonly desk: Desk;
  /** What the process counts; undefined where it does not. */
  readonly metrics: Exposition | undefined;
  /** The OpenAPI document of the whole route table. */
  readonly openApi: object;
}

export interface Reply {
  readonly status: number;
  /** JSON, or text with a `content-type` of its own in `headers`. */
  readonly body?: unknown;
  /** A `location` that begins with `/` is a path of the route table, wherever the router is mounted. */
  readonly headers?: Readonly<Record<string, string>>;
  /** In place of a body: server-sent events, for as long as it has any. */
  readonly stream?: EventStream;
}

export interface StreamEvent {
  readonly event: string;
  /** JSON. */
  readonly data: unknown;
}

/** Is begun once, and ends when `signal` is aborted: the client has gone, or the server closes. */
export type EventStream = (signal: AbortSignal) => AsyncIterable<StreamEvent>;

/** Documents an answer. Of a status from 400 on it is a problem document unless it has a schema; `description` begins with its codes. */
export interface RouteResponse {
  readonly description: string;
  readonly schema?: z.ZodType;
  /** The media type. Default JSON. */
  readonly type?: string;
  /** What it may look like. Problem documents have theirs by their codes. */
  readonly example?: unknown;
  /** Headers it always has, with what they say. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of `text/event-stream`: what the data of each kind of event is. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
}

/** A request for the documentation. The contract tests send it, and expect the first response of its route. */
export interface RequestExample {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface RouteOptions<P, Q, B> {
  readonly method: 'get' | 'post' | 'delete';
  /** Express's form: `/api/sagas/:sagaId`. */
  readonly path: string;
  readonly role: Role;
  readonly summary: string;
  /** The operation's name, for generated clients, such as `startSaga`. Default: one made of method and path. */
  readonly name?: string;
  /** Default: `Application`. */
  readonly tag?: Tag;
  readonly example?: RequestExample;
  readonly params?: z.ZodType<P>;
  readonly query?: z.ZodType<Q>;
  /** Checked and documented; the handler reads `request.headers`. Names in lower case. Others are let through. */
  readonly headers?: z.ZodType;
  /** Without it a request's body is not read. With it a body must be JSON; none at all is `undefined`. */
  readonly body?: z.ZodType<B>;
  /** What it answers, the refusals of its own included; those every route may give are documented by themselves. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
  readonly handler: (request: RouteRequest<P, Q, B>, services: Services) => Promise<Reply>;
}

/** A row of the route table. */
export type Route = RouteOptions<unknown, unknown, unknown>;

/** Ties a handler's types to its schemas. */
export function route<P = unknown, Q = unknown, B = unknown>(options: RouteOptions<P, Q, B>): Route {
  return options as unknown as Route;
}

/** One complaint about a request: where, a JSON pointer (RFC 6901) in there, and what is wrong. */
export interface RequestIssue {
  readonly in: 'body' | 'query' | 'path' | 'header';
  readonly pointer: string;
  readonly message: string;
}

export interface HttpErrorOptions {
  readonly issues?: readonly RequestIssue[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
}

/** The same in every copy of this library: see `isMarked`. */
const HTTP_ERROR = Symbol.for('backstep.HttpError');

export function isHttpError(error: unknown): error is HttpError {
  return isMarked(error, HTTP_ERROR);
}

/** Answers a handler may throw anywhere: turned into `application/problem+json`. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly [HTTP_ERROR] = true;
  readonly status: number;
  /** A word for programs, such as `UNKNOWN_ROUTE`. */
  readonly code: string;
  readonly issues: readonly RequestIssue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: string, message: string, options: HttpErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.status = status;
    this.code = code;
    this.issues = options.issues ?? [];
    this.headers = options.headers ?? {};
  }
}
