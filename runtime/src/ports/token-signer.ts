export type SessionClaims = { userId: string; sessionStamp: string; issuedAtSeconds: number; expiresAtSeconds: number | null };

/** Session tokens: JWT, HS256 only. */
export interface TokenSigner {
  sign(claims: Omit<SessionClaims, 'issuedAtSeconds'>): Promise<string>;
  /** Throws INVALID_TOKEN for anything but an unexpired token with a good signature. */
  verify(token: string): Promise<SessionClaims>;
}
