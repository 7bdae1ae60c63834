import { isIP } from 'node:net';
import type { RequestHandler } from 'express';
import { refused } from './refusals.ts';

/** Refuses a URL that does not decode, or decodes to something PostgreSQL would refuse. */
export const refuseMalformedUrls: RequestHandler = (request, _response, next) => {
  if (decodes(request.originalUrl)) return next();
  throw refused('MALFORMED_URL', 'The URL has a percent-encoding that does not decode to text');
};

/** HTTP/1.1 asks for a Host; whether a write comes from our own pages is told by it. */
export const refuseMissingHost: RequestHandler = (request, _response, next) => {
  if (request.headers.host !== undefined || request.httpVersion !== '1.1') return next();
  throw refused('MALFORMED_REQUEST', 'The request has no Host header');
};

function decodes(url: string): boolean {
  try {
    return !decodeURIComponent(url).includes('\u0000');
  } catch {
    return false;
  }
}

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD', 'OPTIONS'];

/**
 * Refuses writes that a page of another site makes a browser send: Bull Board has no protection of its own.
 * Browsers say where a request comes from, but `Sec-Fetch-Site` only over HTTPS or on localhost: elsewhere `Origin` counts.
 * @see https://pkg.go.dev/net/http#CrossOriginProtection for the same rule.
 */
export const refuseCrossSiteWrites: RequestHandler = (request, _response, next) => {
  if (SAFE_METHODS.includes(request.method) || fromOwnPages(request.headers)) return next();
  throw refused('CROSS_SITE_REQUEST', 'A page of another site may not change anything here');
};

/** Whether a request comes from a page of ours, or from no page at all. */
export function fromOwnPages(headers: { readonly [name: string]: string | string[] | undefined }): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  if (typeof origin !== 'string') return true;
  return URL.canParse(origin) && new URL(origin).host === headers['host'];
}

/**
 * Whether a `Host` is an address, or a name that is always this machine. Any other name may be made to lead here by whoever
 * owns it, and then a page of theirs counts as one of ours (DNS rebinding).
 */
export function isAddress(host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(`http://${host}`)) return host === undefined;
  const { hostname } = new URL(`http://${host}`);
  return isIP(hostname.replaceAll(/[[\]]/g, '')) !== 0 || /(?:^|\.)localhost$/.test(hostname);
}
