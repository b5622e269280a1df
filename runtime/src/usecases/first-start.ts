import { randomBytes } from 'node:crypto';
import { storeApiKey, generateApiKey, type ApiKeyDeps } from './api-keys.ts';
import { newUser, type SessionDeps } from './sessions.ts';

export type FirstStartDeps = Pick<SessionDeps, 'users' | 'passwords' | 'clock'> & Pick<ApiKeyDeps, 'secrets'>;
export type FirstAdmin = { email: string; /** null when it came from the settings */ password: string | null; apiKey: string };

/** Makes the admin and an API key in an empty store; null when there are users already. The secrets are returned only here. */
export async function createFirstAdmin(
  deps: FirstStartDeps,
  settings: { name: string; email: string; password: string; apiKey: string },
): Promise<FirstAdmin | null> {
  if ((await deps.users.count()) > 0) return null;
  const password = settings.password === '' ? randomBytes(12).toString('base64url') : settings.password;
  const user = await deps.users.add(await newUser(deps, { name: settings.name, email: settings.email, password }), 'admin', { onlyFirst: true });
  if (user === null) return null;
  const apiKey = settings.apiKey === '' ? generateApiKey() : settings.apiKey;
  await storeApiKey(deps, user.id, apiKey);
  return { email: user.email, password: settings.password === '' ? password : null, apiKey };
}
