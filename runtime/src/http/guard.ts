import type { IncomingMessage } from 'node:http';
import { AppError } from '../domain/errors.ts';
import type { Principal } from '../domain/user.ts';
import type { UseCases } from '../usecases/use-cases.ts';

/** Who may call a route: anybody, anyone signed in (pending users too), verified users, admins. */
export type Access = 'public' | 'session' | 'user' | 'admin';

/** Every route that answers without a credential. A route that is not listed here cannot be registered as public. */
export const PUBLIC_ROUTES: readonly string[] = [
  'POST /api/v1/auths/signup',
  'POST /api/v1/auths/signin',
  'POST /api/v1/auths/signout',
  'GET /api/v1/auths/signout',
  'GET /ollama',
  'GET /health',
  'GET /health/db',
  'GET /ready',
  'GET /api/version',
  'GET /api/config',
  'GET /metrics',
  'GET /docs',
  'GET /docs/initializer.js',
  'GET /openapi.json',
];

/** Longer than any key or token of ours; refused before anything is hashed or looked up. */
export const MAX_CREDENTIAL_LENGTH = 4096;

export type Caller = { principal: Principal; credential: string };

/**
 * Finds the credential of a request in the contract's order: a bearer token, the cookie `token`, any other
 * `Authorization: <word> <credential>`, then `x-api-key`. Null when there is none.
 * Throws INVALID_TOKEN for two Authorization headers or one that is far too long.
 */
export function findCredential(request: Pick<IncomingMessage, 'headers' | 'rawHeaders'>): string | null {
  refuseRepeated(request.rawHeaders);
  const { authorization, cookie } = request.headers;
  const apiKey = request.headers['x-api-key'];
  const credential =
    bearerCredential(authorization) ??
    cookieValue(cookie, 'token') ??
    wordCredential(authorization) ??
    (typeof apiKey === 'string' && apiKey !== '' ? apiKey : null);
  if (credential !== null && credential.length > MAX_CREDENTIAL_LENGTH) {
    throw new AppError(credential.startsWith('sk-') ? 'INVALID_API_KEY' : 'INVALID_TOKEN', 'The credential is too long.');
  }
  return credential;
}

/** Node keeps the first of two Authorization headers; a proxy may keep the other one, so neither is believed. */
function refuseRepeated(rawHeaders: readonly string[]): void {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === 'authorization') count += 1;
  }
  if (count > 1) throw new AppError('INVALID_TOKEN', 'More than one Authorization header was sent.');
}

function bearerCredential(header: string | undefined): string | null {
  const match = /^bearer +(\S.*)$/i.exec(header ?? '');
  return match?.[1] ?? null;
}

function wordCredential(header: string | undefined): string | null {
  const words = (header ?? '').split(' ');
  return words.length === 2 && words[0] !== '' && words[1] !== undefined && words[1] !== '' ? words[1] : null;
}

function cookieValue(header: string | undefined, name: string): string | null {
  for (const pair of (header ?? '').split(';')) {
    const separator = pair.indexOf('=');
    if (separator < 0 || pair.slice(0, separator).trim() !== name) continue;
    const value = pair.slice(separator + 1).trim().replace(/^"(.*)"$/, '$1');
    if (value !== '') return value;
  }
  return null;
}

/** Checks that the caller may use a route of this access. Throws the use cases' AppErrors. */
export async function authorize(useCases: UseCases, request: IncomingMessage, access: Exclude<Access, 'public'>): Promise<Caller> {
  const credential = findCredential(request);
  const principal = await useCases.authenticate(credential);
  if (access === 'user' || access === 'admin') useCases.requireVerified(principal);
  if (access === 'admin') useCases.requireAdmin(principal);
  return { principal, credential: credential ?? '' };
}
