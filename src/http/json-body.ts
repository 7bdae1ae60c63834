import express, { type Request, type RequestHandler, type Response } from 'express';
import { pointerTo } from '../core/issues.ts';
import { depthOf } from './json-depth.ts';
import { bodyProblem, invalidRequest, ISSUE_LIMIT } from './problem.ts';
import { refused } from './refusals.ts';
import type { RequestIssue } from './route.ts';

const JSON_TYPES = ['application/json', 'application/*+json'];

/** How deep objects and arrays may be nested in a body. */
export const DEPTH_LIMIT = 64;

/** A lone half of a surrogate pair: JavaScript has it, PostgreSQL's jsonb does not. */
const LONE_SURROGATE = /\p{Surrogate}/u;

export type ReadBody = (request: Request, response: Response) => Promise<unknown>;

/** Reads a JSON body of at most `limitBytes`, inflated, and refuses what PostgreSQL could not keep. */
export function bodyReader(limitBytes: number): ReadBody {
  const parse = express.json({ limit: limitBytes, strict: false, type: JSON_TYPES, verify: refuseDeep });
  return async (request, response) => {
    if (request.headers['content-length'] !== '0' && request.is(JSON_TYPES) === false)
      throw refused('UNSUPPORTED_MEDIA_TYPE', 'The body must be JSON, with content-type application/json');
    const body = request.readableEnded ? bodyReadBefore(request, limitBytes) : await parsed(parse, request, response);
    const issues: RequestIssue[] = [];
    checkJson(body, [], issues);
    if (issues.length > 0) throw invalidRequest(issues);
    return body;
  };
}

/** What a parser of the application left, which has run before us. */
function bodyReadBefore(request: Request, limitBytes: number): unknown {
  const { 'content-length': length, 'transfer-encoding': encoding } = request.headers;
  // Express 4's parsers leave an object where there was no body.
  if ((length === undefined || length === '0') && encoding === undefined) return undefined;
  const body: unknown = request.body;
  if (body === undefined)
    throw new Error(
      'The body was read before Backstep saw the request, and not kept: mount backstepRouter before what reads it',
    );
  if (!(typeof body === 'string' || Buffer.isBuffer(body))) return body;
  const text = Buffer.from(body);
  if (text.length > limitBytes) throw refused('BODY_TOO_LARGE', `The body has more than ${limitBytes} bytes`);
  refuseDeep(request, undefined, text, 'utf-8');
  try {
    return JSON.parse(text.toString()) as unknown;
  } catch (cause) {
    throw refused('MALFORMED_JSON', 'The body is not JSON', { cause });
  }
}

async function parsed(parse: RequestHandler, request: Request, response: Response): Promise<unknown> {
  await run(parse, request, response);
  return request.body as unknown;
}

/** Before it is parsed: a quarter of a megabyte of brackets is cheap to look at, and dear as objects. */
const refuseDeep = (_request: unknown, _response: unknown, text: Buffer, charset: string) => {
  if (charset !== 'utf-8') throw refused('UNSUPPORTED_MEDIA_TYPE', `JSON is UTF-8, got ${charset}`);
  if (depthOf(text) > DEPTH_LIMIT)
    throw invalidRequest([{ in: 'body', pointer: '', message: `Nested deeper than ${DEPTH_LIMIT} levels` }]);
};

function run(parse: RequestHandler, request: Request, response: Response): Promise<void> {
  return new Promise((resolve, reject) => {
    void parse(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(bodyProblem(error))));
  });
}

/** Also takes out keys `__proto__`: assigned to an object of somebody's, they would change its prototype. */
function checkJson(value: unknown, path: string[], issues: RequestIssue[]): void {
  const refuse = (message: string) =>
    issues.length < ISSUE_LIMIT && issues.push({ in: 'body', pointer: pointerTo(path), message });
  // Parsed by somebody else, it may be deeper than our own parser takes.
  if (path.length > DEPTH_LIMIT) return void refuse(`Nested deeper than ${DEPTH_LIMIT} levels`);
  if (typeof value === 'string') {
    const fault = faultOf(value);
    if (fault !== undefined) refuse(fault);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) refuse('Number out of range');
  } else if (typeof value === 'object' && value !== null) {
    checkMembers(value, path, issues);
  }
}

function checkMembers(value: object, path: string[], issues: RequestIssue[]): void {
  Reflect.deleteProperty(value, '__proto__');
  for (const [key, member] of Object.entries(value)) {
    const fault = faultOf(key);
    if (fault !== undefined && issues.length < ISSUE_LIMIT)
      issues.push({ in: 'body', pointer: pointerTo(path), message: `In a key: ${fault}` });
    path.push(key);
    checkJson(member, path, issues);
    path.pop();
  }
}

function faultOf(text: string): string | undefined {
  if (text.includes('\u0000')) return 'The character \\u0000 cannot be stored';
  return LONE_SURROGATE.test(text) ? 'Half of a surrogate pair cannot be stored' : undefined;
}
