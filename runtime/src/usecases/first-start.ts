import { randomBytes } from 'node:crypto';
import { generateApiKey, sealApiKey, type ApiKeyDeps } from './api-keys.ts';
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
  const apiKey = settings.apiKey === '' ? generateApiKey() : settings.apiKey;
  const admin = await newUser(deps, { name: settings.name, email: settings.email, password });
  // One transaction: a process that is killed here leaves no admin whom nobody can be.
  const user = await deps.users.add(admin, 'admin', { onlyFirst: true, apiKey: sealApiKey(deps.secrets, apiKey) });
  if (user === null) return null;
  return { email: user.email, password: settings.password === '' ? password : null, apiKey };
}
