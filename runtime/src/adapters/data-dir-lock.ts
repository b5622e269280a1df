import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { AppError } from '../domain/errors.ts';

/** SQLite's result code for a lock that another connection holds (sqlite.org/rescode.html#busy). */
const SQLITE_BUSY = 5;

export type DataDirLock = { release(): Promise<void> };

/**
 * Makes this process the only one of a data folder (made when missing). The lock is SQLite's exclusive lock on a file of
 * its own, which the kernel drops with the process however it dies: unlike a pid file it is never stale, does not mistake
 * another process for its owner, and works between containers that share a volume on one host. The pid beside it is for
 * the message alone. Throws ALREADY_RUNNING, STORAGE_FAILED.
 */
export async function lockDataDir(dir: string): Promise<DataDirLock> {
  const pidPath = join(dir, 'lock.pid');
  let database: DatabaseSync | null = null;
  try {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    database = new DatabaseSync(join(dir, 'lock.db'), { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
    writeFileSync(pidPath, `${process.pid}\n`);
  } catch (cause) {
    database?.close();
    throw isBusy(cause) ? alreadyRunning(dir, pidPath) : new AppError('STORAGE_FAILED', `The data folder ${dir} cannot be locked: ${String(cause)}.`, { cause });
  }
  const held = database;
  return {
    release: () => {
      if (held.isOpen) {
        rmSync(pidPath, { force: true });
        held.close();
      }
      return Promise.resolve();
    },
  };
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === SQLITE_BUSY;
}

function alreadyRunning(dir: string, pidPath: string): AppError {
  const pid = readPid(pidPath);
  const owner = pid === null ? 'Another process' : `Process ${pid}`;
  return new AppError('ALREADY_RUNNING', `${owner} already uses the data folder ${dir}. Stop it first, or set DATA_DIR to another folder.`, { details: { pid } });
}

function readPid(pidPath: string): number | null {
  try {
    const pid = Number.parseInt(readFileSync(pidPath, 'utf8'), 10);
    return Number.isInteger(pid) ? pid : null;
  } catch {
    return null;
  }
}
