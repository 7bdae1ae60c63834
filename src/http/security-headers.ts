import type { RequestHandler } from 'express';
import helmet from 'helmet';

const NOTHING = ["'none'"];
const OURS = ["'self'"];

/** What a browser may use, for pages that need none of it. */
const PERMISSIONS = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((name) => `${name}=()`)
  .join(', ');

const HSTS_SECONDS = 180 * 24 * 3_600;

/**
 * Scripts, styles, images and requests come from here and go here, and nobody frames us. No upgrade of requests, and HSTS
 * over HTTPS only: the API is often served over plain HTTP.
 */
export function securityHeaders(): RequestHandler[] {
  return [
    helmet({
      strictTransportSecurity: false,
      xFrameOptions: { action: 'deny' },
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: OURS,
          scriptSrc: OURS,
          scriptSrcAttr: NOTHING,
          // Mantine and Bull Board style their elements in place.
          styleSrc: [...OURS, "'unsafe-inline'"],
          connectSrc: OURS,
          imgSrc: [...OURS, 'data:'],
          fontSrc: OURS,
          objectSrc: NOTHING,
          // Bull Board's page has one.
          baseUri: OURS,
          frameAncestors: NOTHING,
          formAction: OURS,
        },
      },
    }),
    (request, response, next) => {
      response.setHeader('permissions-policy', PERMISSIONS);
      // Of this host only: what else is in its domain is not ours.
      if (request.secure) response.setHeader('strict-transport-security', `max-age=${HSTS_SECONDS}`);
      next();
    },
  ];
}
