import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The instance's secret: `configured` if set, else the one kept in DATA_DIR (mode 0600, made on first use). Two processes that
 * start at once end with the same secret, because the file is only ever created, never replaced.
 */
export function instanceSecret(dataDir: string, configured: string): Buffer {
  if (configured !== '') return Buffer.from(configured, 'utf8');
  const path = join(dataDir, 'secret.key');
  try {
    const file = openSync(path, 'wx', 0o600);
    writeSync(file, randomBytes(32).toString('hex'));
    fsyncSync(file);
    closeSync(file);
  } catch (error) {
    if ((error as { code?: string }).code !== 'EEXIST') throw error;
  }
  return Buffer.from(readFileSync(path, 'utf8').trim(), 'utf8');
}

/** A key of its own for each purpose, so that one leaked use does not give away the others. */
export function deriveKey(secret: Buffer, purpose: 'sessions' | 'api-keys'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'openwebui-rag-runtime', purpose, 32));
}
