import { AppError } from '../domain/errors.ts';
import type { Role, User } from '../domain/user.ts';
import type { Clock } from '../ports/clock.ts';
import type { PasswordHasher } from '../ports/password-hasher.ts';
import type { TokenSigner } from '../ports/token-signer.ts';
import type { UserStore } from '../ports/user-store.ts';
import type { Session, UseCases } from './use-cases.ts';

export type SessionDeps = {
  users: UserStore;
  tokens: TokenSigner;
  passwords: PasswordHasher;
  clock: Clock;
  tokenLifeSeconds: number | null;
  isSignupEnabled: boolean;
  defaultRole: Role;
};

/** bcrypt's limit, which clients of Open WebUI know; kept so that a password means the same on both. */
const MAX_PASSWORD_BYTES = 72;
/** RFC 5321. */
const MAX_EMAIL_CHARS = 254;
/** As Open WebUI: 15 attempts in 180 seconds for one e-mail address. */
const SIGN_IN_LIMIT = { attempts: 15, windowMs: 180_000 };

function checkPassword(password: string): void {
  if (password === '') throw new AppError('PASSWORD_EMPTY', 'The password is empty. Choose one.');
  if (Buffer.byteLength(password, 'utf8') > MAX_PASSWORD_BYTES) throw new AppError('PASSWORD_TOO_LONG', 'The password is longer than 72 bytes.');
}

export function normalizeEmail(email: string): string {
  const normalized = email.trim().toLowerCase();
  if (normalized.length > MAX_EMAIL_CHARS || !/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(normalized)) throw new AppError('EMAIL_INVALID', 'The e-mail address has no valid form.');
  return normalized;
}

async function openSession(deps: SessionDeps, user: User): Promise<Session> {
  const expiresAtSeconds = deps.tokenLifeSeconds === null ? null : Math.floor(deps.clock.nowMs() / 1000 + deps.tokenLifeSeconds);
  const token = await deps.tokens.sign({ userId: user.id, sessionStamp: user.sessionStamp, expiresAtSeconds });
  return { user, token, expiresAtSeconds };
}

/** Makes a user record; shared by sign-up and the first start. */
export async function newUser(deps: Pick<SessionDeps, 'clock' | 'passwords'>, input: { name: string; email: string; password: string }) {
  checkPassword(input.password);
  return {
    id: deps.clock.uuid(),
    email: normalizeEmail(input.email),
    name: input.name,
    passwordHash: await deps.passwords.hash(input.password),
    sessionStamp: deps.clock.uuid(),
  };
}

/** The first user becomes admin even while sign-up is off; afterwards ENABLE_SIGNUP decides. */
export function createSignUp(deps: SessionDeps): UseCases['signUp'] {
  return async function signUp(input) {
    normalizeEmail(input.email);
    const isFirst = (await deps.users.count()) === 0;
    if (!isFirst && !deps.isSignupEnabled) throw new AppError('SIGNUP_DISABLED', 'Sign-up is closed on this server.');
    const user = await deps.users.add(await newUser(deps, input), deps.defaultRole, { onlyFirst: !deps.isSignupEnabled });
    if (user === null) throw new AppError('SIGNUP_DISABLED', 'Sign-up is closed on this server.');
    return openSession(deps, user);
  };
}

export function createSignIn(deps: SessionDeps): UseCases['signIn'] {
  const attempts = new Map<string, number[]>();
  const countAttempt = (email: string): void => {
    const now = deps.clock.nowMs();
    for (const [key, times] of attempts) if ((times.at(-1) ?? 0) < now - SIGN_IN_LIMIT.windowMs) attempts.delete(key);
    const recent = (attempts.get(email) ?? []).filter((time) => time > now - SIGN_IN_LIMIT.windowMs);
    if (recent.length >= SIGN_IN_LIMIT.attempts) {
      const retryAfterSeconds = Math.ceil(((recent[0] ?? now) + SIGN_IN_LIMIT.windowMs - now) / 1000);
      throw new AppError('RATE_LIMITED', 'Too many attempts to sign in with this e-mail address. Wait three minutes.', { details: { retryAfterSeconds }, isRetryable: true });
    }
    attempts.set(email, [...recent, now]);
  };
  return async function signIn(input) {
    // No account has a longer address: the list of attempts must not keep what a stranger sends.
    const email = input.email.trim().toLowerCase().slice(0, MAX_EMAIL_CHARS + 1);
    countAttempt(email);
    const user = await deps.users.byEmail(email);
    const isTooLong = Buffer.byteLength(input.password, 'utf8') > MAX_PASSWORD_BYTES;
    const isRight = await deps.passwords.verify(isTooLong ? '' : input.password, user?.passwordHash ?? null);
    if (user === null || !isRight || isTooLong || input.password === '') throw new AppError('INVALID_CREDENTIALS', 'The e-mail address or the password is wrong.');
    return openSession(deps, user);
  };
}

export function createCurrentSession(deps: SessionDeps): UseCases['currentSession'] {
  return async function currentSession(principal, token) {
    if (principal.via !== 'session') throw new AppError('HUMAN_SESSION_REQUIRED', 'This call needs a session token, not an API key.');
    const claims = await deps.tokens.verify(token);
    return { user: principal.user, token, expiresAtSeconds: claims.expiresAtSeconds };
  };
}
