import type { Role, User } from '../domain/user.ts';

/** `hash` is the SHA-256 hex of the key, `cipher` the encrypted key (see usecases/api-keys.ts). */
export type StoredApiKey = { hash: string; cipher: string };
export type NewUser = Omit<User, 'createdAtMs' | 'role'>;

/** Users and their API keys. Every write is durable (fsynced) when its promise resolves. */
export interface UserStore {
  count(): Promise<number>;
  /**
   * Adds a user: the very first becomes `admin`, all others get `roleOtherwise`. Two first sign-ups at the same moment make
   * exactly one admin. With `onlyFirst` a user is added only to an empty store, else null is returned. An `apiKey` (as in
   * `setApiKey`) is stored in the same transaction. Throws EMAIL_TAKEN.
   */
  add(user: NewUser, roleOtherwise: Role, options?: { onlyFirst?: boolean; apiKey?: StoredApiKey }): Promise<User | null>;
  byId(id: string): Promise<User | null>;
  byEmail(email: string): Promise<User | null>;
  /** `keyHash` is the SHA-256 hex of the key. */
  byApiKeyHash(keyHash: string): Promise<User | null>;
  /** Replaces the user's key; the old one is invalid from here on. */
  setApiKey(userId: string, key: StoredApiKey): Promise<void>;
  apiKeyCipher(userId: string): Promise<string | null>;
  deleteApiKey(userId: string): Promise<void>;
}
