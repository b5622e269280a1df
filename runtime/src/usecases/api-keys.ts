import { randomBytes } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { Principal } from '../domain/user.ts';
import type { SecretBox } from '../ports/secret-box.ts';
import type { StoredApiKey, UserStore } from '../ports/user-store.ts';
import { apiKeyHash } from './authenticate.ts';

export type ApiKeyDeps = { users: UserStore; secrets: SecretBox; areApiKeysEnabled: boolean };

/** `sk-` and 32 hex digits, as Open WebUI's; 128 random bits. */
export function generateApiKey(): string {
  return `sk-${randomBytes(16).toString('hex')}`;
}

/** What is stored of a key: its hash for look-ups and, encrypted, the key itself: the contract shows it again. */
export function sealApiKey(secrets: SecretBox, key: string): StoredApiKey {
  return { hash: apiKeyHash(key), cipher: secrets.seal(key) };
}

export function createApiKeys(deps: ApiKeyDeps) {
  const requireEnabled = (): void => {
    if (!deps.areApiKeysEnabled) throw new AppError('API_KEYS_DISABLED', 'API keys are switched off on this server (ENABLE_API_KEYS).');
  };
  return {
    async createApiKey(principal: Principal): Promise<string> {
      requireEnabled();
      const key = generateApiKey();
      await deps.users.setApiKey(principal.user.id, sealApiKey(deps.secrets, key));
      return key;
    },
    async getApiKey(principal: Principal): Promise<string> {
      requireEnabled();
      const cipher = await deps.users.apiKeyCipher(principal.user.id);
      if (cipher === null) throw new AppError('API_KEY_NOT_FOUND', 'This account has no API key yet. POST /api/v1/auths/api_key makes one.');
      return deps.secrets.open(cipher);
    },
    async deleteApiKey(principal: Principal): Promise<void> {
      requireEnabled();
      await deps.users.deleteApiKey(principal.user.id);
    },
  };
}
