/** Slow password hashes with their parameters inside. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Does the same work for `null` (no such user), so that time does not tell whether an account exists. */
  verify(password: string, hash: string | null): Promise<boolean>;
}
