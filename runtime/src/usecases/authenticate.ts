import { createHash } from 'node:crypto';
import { AppError } from '../domain/errors.ts';
import type { TokenSigner } from '../ports/token-signer.ts';
import type { UserStore } from '../ports/user-store.ts';
import type { UseCases } from './use-cases.ts';

export type AuthenticateDeps = { users: UserStore; tokens: TokenSigner; areApiKeysEnabled: boolean };

/** SHA-256 is right for keys of 128 random bits; the digest is what is stored and looked up, never the key. */
export function apiKeyHash(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

/** Turns any credential into a principal; the single entry for every header and cookie. */
export function createAuthenticate(deps: AuthenticateDeps): UseCases['authenticate'] {
  return async function authenticate(credential) {
    const value = credential?.trim() ?? '';
    if (value === '') throw new AppError('NOT_AUTHENTICATED', 'Not authenticated');
    if (value.startsWith('sk-')) {
      if (!deps.areApiKeysEnabled) throw new AppError('API_KEYS_DISABLED', 'API keys are switched off on this server (ENABLE_API_KEYS).');
      const user = await deps.users.byApiKeyHash(apiKeyHash(value));
      if (user === null) throw new AppError('INVALID_API_KEY', 'This API key is not known.');
      return { user, via: 'api-key' };
    }
    const claims = await deps.tokens.verify(value);
    const user = await deps.users.byId(claims.userId);
    if (user === null || user.sessionStamp !== claims.sessionStamp) throw new AppError('INVALID_TOKEN', 'This session has ended. Sign in again.');
    return { user, via: 'session' };
  };
}
