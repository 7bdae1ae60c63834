import { randomBytes } from 'node:crypto';
import type { ApiKey } from '../../api-keys.ts';
import type { SessionStore } from '../../store/desk/sessions.ts';
import { createKeyring, type Keyring, type KnownKey } from './keyring.ts';
import { EVERYBODY, type Principal } from './principal.ts';
import { readSession, signSession } from './session-token.ts';

export interface AccessOptions {
  /** Empty: nobody is asked for a key. */
  readonly apiKeys: readonly ApiKey[];
  /** Where the ended sessions are known, and what is told of logins. */
  readonly sessions: SessionStore;
  /** Signs the sessions, at least 32 characters. Default: one of this process, with which its sessions end. */
  readonly sessionSecret?: string | undefined;
  /** How long a session lasts, in hours. Default 12. */
  readonly sessionHours?: number;
  /** Requests a minute of one key; 0 is no limit. Default 60_000. */
  readonly rateLimitPerMinute?: number;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** What a request brings to say who sends it. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'key'; readonly key: Buffer }
  | { readonly kind: 'session'; readonly token: string };

export interface Login {
  readonly principal: Principal;
  /** The new session's; undefined where no keys are configured, and so none is needed. */
  readonly session: { readonly token: string; readonly lastsMs: number } | undefined;
}

/** Who may come in. Rejects where PostgreSQL cannot be asked whether a session has ended. */
export interface Access {
  /** Undefined: nobody that is known. */
  identify(credentials: Credentials): Promise<Principal | undefined>;
  /** Begins a session. Undefined: there is no such key. */
  login(key: string): Promise<Login | undefined>;
  /** Ends a session for good, in every process. Of other principals there is nothing to end. */
  logout(principal: Principal): Promise<void>;
}

const HOUR_MS = 3_600_000;
const SECRET_BYTES = 32;
const SESSION_ID_BYTES = 16;

export function createAccess(options: AccessOptions): Access {
  const { sessions, sessionHours = 12, now = Date.now } = options;
  const keyring = createKeyring(options.apiKeys);
  const secret = options.sessionSecret ?? randomBytes(SECRET_BYTES).toString('base64url');
  if (keyring.empty) return OPEN;
  const bySession = async (token: string): Promise<Principal | undefined> => {
    const claims = readSession(secret, token, now());
    const key = claims && keyring.byId(claims.keyId);
    if (!claims || !key || (await sessions.hasEnded(claims.sessionId))) return undefined;
    return { kind: 'session', ...key, sessionId: claims.sessionId, expiresAtMs: claims.expiresAtMs };
  };
  return {
    identify: async (credentials) => {
      if (credentials.kind === 'none') return undefined;
      return credentials.kind === 'session' ? bySession(credentials.token) : byKey(keyring, credentials.key);
    },
    login: async (text) => {
      const key = keyring.byKey(text);
      if (!key) return undefined;
      const lastsMs = sessionHours * HOUR_MS;
      const sessionId = randomBytes(SESSION_ID_BYTES).toString('base64url');
      const expiresAtMs = Math.floor((now() + lastsMs) / 1_000) * 1_000;
      await sessions.begun({ actor: key.name });
      const token = signSession(secret, { sessionId, keyId: key.keyId, expiresAtMs });
      return { principal: { kind: 'session', ...key, sessionId, expiresAtMs }, session: { token, lastsMs } };
    },
    logout: async (principal) => {
      if (principal.kind !== 'session') return;
      const { sessionId, expiresAtMs, name } = principal;
      await sessions.end({ sessionId, expiresAtMs, actor: name });
    },
  };
}

const OPEN: Access = {
  identify: () => Promise.resolve(EVERYBODY),
  login: () => Promise.resolve({ principal: EVERYBODY, session: undefined }),
  logout: () => Promise.resolve(),
};

function byKey(keyring: Keyring, text: Buffer): Principal | undefined {
  const key: KnownKey | undefined = keyring.byKey(text);
  return key && { kind: 'key', ...key };
}

/** Without keys: everybody may do everything. */
export const openAccess = (): Access => OPEN;

/** Where the application knows who asks: there are no keys, and nobody logs in with one. */
export const foreignAccess = (): Access => ({
  identify: () => Promise.resolve(undefined),
  login: () => Promise.resolve(undefined),
  logout: () => Promise.resolve(),
});
