import { randomUUID } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { SessionClaims, TokenSigner } from '../../ports/token-signer.ts';

/** Loaded with the first session: workflows call with API keys. */
const loadJose = () => import('jose');

/** Tokens as Open WebUI 0.12 makes them: claims id, typ, session_stamp, jti, iat, exp. */
export function createJwtSigner(key: Uint8Array): TokenSigner {
  return {
    async sign(claims) {
      const { SignJWT } = await loadJose();
      const token = new SignJWT({ id: claims.userId, typ: 'session', session_stamp: claims.sessionStamp })
        .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
        .setJti(randomUUID())
        .setIssuedAt();
      if (claims.expiresAtSeconds !== null) token.setExpirationTime(claims.expiresAtSeconds);
      return token.sign(key);
    },
    async verify(token): Promise<SessionClaims> {
      const { jwtVerify } = await loadJose();
      const { payload } = await jwtVerify(token, key, { algorithms: ['HS256'], typ: 'JWT' }).catch((cause: unknown) => {
        throw new AppError('INVALID_TOKEN', 'The session token is not valid any more. Sign in again.', { cause });
      });
      const { id, session_stamp: stamp } = payload as { id?: unknown; session_stamp?: unknown };
      if (typeof id !== 'string' || typeof stamp !== 'string') throw new AppError('INVALID_TOKEN', 'The session token lacks its claims. Sign in again.');
      return { userId: id, sessionStamp: stamp, issuedAtSeconds: payload.iat ?? 0, expiresAtSeconds: payload.exp ?? null };
    },
  };
}
