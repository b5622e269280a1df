/** Authenticated encryption of short secrets under the instance's key. */
export interface SecretBox {
  seal(secret: string): string;
  /** Throws INTERNAL when the text was changed or sealed under another key. */
  open(sealed: string): string;
}
