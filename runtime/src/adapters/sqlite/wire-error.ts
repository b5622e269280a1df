import { statfsSync } from 'node:fs';
import { AppError, isAppError, type ErrorCode } from '../../domain/errors.ts';

/** An AppError as plain data: structured clone would drop its code. */
export type WireError = { code: ErrorCode; message: string; details: Readonly<Record<string, unknown>>; isRetryable: boolean };

// SQLite's result codes (sqlite.org/rescode.html); the low byte is the primary code.
const SQLITE_IOERR = 10;
const SQLITE_FULL = 13;
const SQLITE_IOERR_FSYNC = 1034;
const SQLITE_IOERR_DIR_FSYNC = 1290;
/** BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, CANTOPEN, PROTOCOL, NOTADB: the storage's fault, not the statement's. */
const STORAGE_CODES: ReadonlySet<number> = new Set([5, 6, 7, 8, SQLITE_IOERR, 11, 14, 15, 26]);
/** Less than this free counts as full: SQLite reports a failed growth of its shared memory as a plain I/O error. */
const FULL_BELOW_BYTES = 256 * 1024;

export const FULL_MESSAGE = 'The disk is full, so nothing was saved. Free some space and try again.';

/** Turns whatever a statement threw into data for the main thread; `folder` is asked for free space on unclear I/O errors. */
export function toWireError(error: unknown, folder: string): WireError {
  if (isAppError(error)) {
    return { code: error.code, message: error.message, details: error.details, isRetryable: error.isRetryable };
  }
  const message = error instanceof Error ? error.message : String(error);
  const resultCode = sqliteResultCode(error);
  if (resultCode === null) return { code: 'INTERNAL', message, details: {}, isRetryable: false };
  const primary = resultCode & 0xff;
  const details = { sqliteResultCode: resultCode };
  if (primary === SQLITE_FULL || (primary === SQLITE_IOERR && isFull(folder))) {
    return { code: 'STORAGE_FULL', message: FULL_MESSAGE, details, isRetryable: true };
  }
  if (STORAGE_CODES.has(primary)) {
    return { code: 'STORAGE_FAILED', message: `The database could not be used: ${message}.`, details, isRetryable: false };
  }
  return { code: 'INTERNAL', message: `Database statement failed: ${message}`, details, isRetryable: false };
}

export function fromWireError(error: WireError): AppError {
  return new AppError(error.code, error.message, { details: error.details, isRetryable: error.isRetryable });
}

/** After a failed fsync the kernel may have dropped the pages: a second try would claim a durability that is not there. */
export function isFailedSync(error: unknown): boolean {
  const code = sqliteResultCode(error);
  return code === SQLITE_IOERR_FSYNC || code === SQLITE_IOERR_DIR_FSYNC;
}

function sqliteResultCode(error: unknown): number | null {
  if (typeof error !== 'object' || error === null || !('errcode' in error)) return null;
  return typeof error.errcode === 'number' ? error.errcode : null;
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < FULL_BELOW_BYTES;
  } catch {
    return false;
  }
}
