import { timingSafeEqual } from 'node:crypto';
import { type ApiKey, hashOfKey } from '../../api-keys.ts';

/** How many digits of its hash a session and the limits know a key by. */
const ID_DIGITS = 32;

/** A configured key, and what the rest of this room calls it by. */
export interface KnownKey extends Pick<ApiKey, 'name' | 'role'> {
  readonly keyId: string;
}

export interface Keyring {
  /** True where no keys are configured. */
  readonly empty: boolean;
  /** The key with this text. Takes the same time whichever it is, and if it is none. */
  byKey(key: string | Buffer): KnownKey | undefined;
  byId(keyId: string): KnownKey | undefined;
}

export function createKeyring(apiKeys: readonly ApiKey[]): Keyring {
  const known = apiKeys.map(({ hash, name, role }) => ({
    hash: Buffer.from(hash, 'hex'),
    key: { keyId: hash.slice(0, ID_DIGITS), name, role },
  }));
  return {
    empty: known.length === 0,
    byKey: (text) => {
      const asked = Buffer.from(hashOfKey(text), 'hex');
      let found: KnownKey | undefined;
      // All of them: how long it takes must not say which one was right.
      for (const { hash, key } of known) if (timingSafeEqual(hash, asked)) found = key;
      return found;
    },
    byId: (keyId) => known.find(({ key }) => key.keyId === keyId)?.key,
  };
}
