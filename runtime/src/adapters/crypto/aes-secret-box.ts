import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { AppError } from '../../domain/errors.ts';
import type { SecretBox } from '../../ports/secret-box.ts';

/** AES-256-GCM; the sealed form is `v1.<nonce>.<tag>.<text>` in base64url. */
export function createAesSecretBox(key: Uint8Array): SecretBox {
  return {
    seal(secret) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return ['v1', ...[nonce, cipher.getAuthTag(), sealed].map((part) => part.toString('base64url'))].join('.');
    },
    open(text) {
      const [version, nonce, tag, sealed] = text.split('.');
      try {
        if (version !== 'v1' || nonce === undefined || tag === undefined || sealed === undefined) throw new Error('unknown form');
        const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(nonce, 'base64url'));
        decipher.setAuthTag(Buffer.from(tag, 'base64url'));
        return Buffer.concat([decipher.update(Buffer.from(sealed, 'base64url')), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw new AppError('INTERNAL', 'A stored secret cannot be read: WEBUI_SECRET_KEY has changed since it was stored. Make a new API key.', { cause });
      }
    },
  };
}
