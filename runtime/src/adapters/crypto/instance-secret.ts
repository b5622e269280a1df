import { hkdfSync, randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The instance's secret: `configured` if set, else the one kept in DATA_DIR (mode 0600, made on first use). It appears under
 * its name only when it is complete and durable: a process killed meanwhile must not leave an empty secret behind.
 */
export function instanceSecret(dataDir: string, configured: string): Buffer {
  if (configured !== '') return Buffer.from(configured, 'utf8');
  const path = join(dataDir, 'secret.key');
  const kept = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  if (kept !== '') return Buffer.from(kept, 'utf8');
  const made = randomBytes(32).toString('hex');
  const temporary = `${path}.new`;
  rmSync(temporary, { force: true });
  const file = openSync(temporary, 'wx', 0o600);
  writeSync(file, made);
  fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
  const folder = openSync(dataDir, 'r');
  fsyncSync(folder);
  closeSync(folder);
  return Buffer.from(made, 'utf8');
}

/** A key of its own for each purpose, so that one leaked use does not give away the others. */
export function deriveKey(secret: Buffer, purpose: 'sessions' | 'api-keys'): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, 'openwebui-rag-runtime', purpose, 32));
}
