import { closeSync, fsyncSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../../domain/errors.ts';
import { migrate } from './migrations.ts';

/** Bytes of a page: five 384-dimension vectors or one of 1,024 dimensions fit without an overflow page. */
const PAGE_BYTES = 8192;
/** A log that a big transaction blew up is cut back to this size after its checkpoint. */
const WAL_LIMIT_BYTES = 64 * 1024 * 1024;
/** How long a statement waits for a lock: only a backup tool beside us could hold one. */
const BUSY_TIMEOUT_MS = 5000;

/**
 * The one connection that writes: WAL, every commit fsynced, foreign keys on, schema up to date.
 * Throws STORAGE_FAILED where the file system cannot do WAL, and what `migrate` throws.
 */
export function openWriter(path: string, maxSizeBytes: number | null): DatabaseSync {
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: true, timeout: BUSY_TIMEOUT_MS });
  try {
    database.exec(`PRAGMA page_size = ${PAGE_BYTES}`);
    const mode = database.prepare('PRAGMA journal_mode = WAL').get() as { journal_mode: string } | undefined;
    if (mode?.journal_mode !== 'wal') {
      throw new AppError('STORAGE_FAILED', 'The data folder is on a file system without shared memory (a network disk?), which the database needs.');
    }
    database.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${WAL_LIMIT_BYTES};`);
    migrate(database);
    if (maxSizeBytes !== null) database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxSizeBytes / PAGE_BYTES))}`);
    syncFolder(dirname(path));
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** A connection that sees what is committed and cannot write; opened after the writer. */
export function openReader(path: string): DatabaseSync {
  return new DatabaseSync(path, { readOnly: true, timeout: BUSY_TIMEOUT_MS });
}

/** Makes the entries of new files durable; a platform that cannot open folders does so by itself. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
