import { createHash, randomUUID } from 'node:crypto';
import { closeSync, createReadStream, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { addAbortSignal, Readable } from 'node:stream';
import { AppError, isAppError } from '../domain/errors.ts';
import type { BlobStore, StoredBlob } from '../ports/blob-store.ts';

export type BlobFsOptions = {
  /** Folder of the blobs alone; made when missing. */
  dir: string;
};

/** No dots and no separators: an id is never a path, nor the name of a temporary file. */
const ID_PATTERN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/;
const TEMP_SUFFIX = '.part';
const FULL_CODES: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT']);

/**
 * Blobs as files named by their id. A blob is written beside its place, synced, renamed, and its folder synced.
 * Throws STORAGE_FAILED when the folder cannot be made.
 */
export function createBlobFs({ dir }: BlobFsOptions): BlobStore {
  makeFolder(dir);
  const liveTemps = new Set<string>();
  const pathOf = (id: string): string => {
    if (!ID_PATTERN.test(id)) throw new AppError('NOT_FOUND', 'There is no such file.');
    return join(dir, id);
  };

  const put: BlobStore['put'] = async (id, source, { maxBytes, signal }) => {
    const path = pathOf(id);
    const temp = join(dir, `${id}.${randomUUID()}${TEMP_SUFFIX}`);
    liveTemps.add(temp);
    // The source may fail before it is read from; its iterator reports that, and nobody else has to.
    source.on('error', () => undefined);
    let isRenamed = false;
    try {
      const stored = await writeSynced(temp, addAbortSignal(signal, source), maxBytes, signal);
      await storing(() => rename(temp, path));
      isRenamed = true;
      await storing(() => syncFolder(dir));
      return stored;
    } catch (error) {
      source.destroy();
      await rm(isRenamed ? path : temp, { force: true }).catch(() => undefined);
      throw error;
    } finally {
      liveTemps.delete(temp);
    }
  };

  return {
    put,
    open: async (id, range) => {
      const path = pathOf(id);
      const handle = await opening(() => open(path, 'r'));
      const { size: sizeBytes } = await handle.stat();
      return { stream: createReadStream(path, { fd: handle, ...range }), sizeBytes };
    },
    withLocalFile: async (id, use) => {
      const path = pathOf(id);
      await opening(() => stat(path));
      return use(path);
    },
    delete: (id) => storing(async () => {
      await rm(pathOf(id), { force: true });
      await syncFolder(dir);
    }),
    sweep: (isKnown, minAgeMs) => storing(() => sweepFolder(dir, liveTemps, isKnown, minAgeMs)),
    check: async () => {
      const id = `check-${randomUUID()}`;
      await put(id, Readable.from([Buffer.from('storage works')]), { maxBytes: 1024, signal: new AbortController().signal });
      await rm(join(dir, id), { force: true });
    },
  };
}

/** Its entry in the folder above is synced too: a blob in a folder that a power cut removes would be lost. */
function makeFolder(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    if (process.platform === 'win32') return;
    const above = openSync(dirname(dir), 'r');
    fsyncSync(above);
    closeSync(above);
  } catch (cause) {
    throw storageError(cause);
  }
}

async function writeSynced(temp: string, source: Readable, maxBytes: number, signal: AbortSignal): Promise<StoredBlob> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const handle = await storing(() => open(temp, 'wx', 0o600));
  try {
    for await (const piece of source) {
      const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece as Uint8Array;
      sizeBytes += bytes.byteLength;
      if (sizeBytes > maxBytes) throw new AppError('FILE_TOO_LARGE', `The file is larger than the limit of ${maxBytes} bytes.`, { details: { maxBytes } });
      hash.update(bytes);
      await storing(() => writeAll(handle, bytes));
    }
    // A source that ended while the signal fired has not failed by itself.
    signal.throwIfAborted();
    await storing(() => handle.sync());
  } finally {
    await storing(() => handle.close());
  }
  return { sizeBytes, sha256: hash.digest('hex') };
}

/** A write may take less than it was given, for one when the disk is nearly full. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.byteLength) done += (await handle.write(bytes, done)).bytesWritten;
}

/** Temporary files that this process is not writing have no writer: it is the only one of its folder. */
async function sweepFolder(dir: string, liveTemps: ReadonlySet<string>, isKnown: (id: string) => boolean, minAgeMs: number): Promise<number> {
  let removed = 0;
  for (const name of await readdir(dir)) {
    const path = join(dir, name);
    const isOrphan = name.endsWith(TEMP_SUFFIX)
      ? !liveTemps.has(path)
      : ID_PATTERN.test(name) && !isKnown(name) && await isOlder(path, minAgeMs);
    if (!isOrphan) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  if (removed > 0) await syncFolder(dir);
  return removed;
}

async function isOlder(path: string, minAgeMs: number): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && Date.now() - found.mtimeMs >= minAgeMs;
}

/** Makes renames and removals durable; Windows has no such call and needs none. */
async function syncFolder(dir: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(dir, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The system's name of the failure, such as ENOSPC. */
function codeOf(error: unknown): string {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'unknown error';
}

/** What storage threw, as a code that callers know. */
function storageError(cause: unknown): AppError {
  if (isAppError(cause)) return cause;
  if (FULL_CODES.has(codeOf(cause))) {
    return new AppError('STORAGE_FULL', 'The disk is full, so the file was not saved. Free some space and try again.', { cause, isRetryable: true });
  }
  return new AppError('STORAGE_FAILED', `The file storage failed (${codeOf(cause)}).`, { cause });
}

async function storing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw storageError(cause);
  }
}

async function opening<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw codeOf(cause) === 'ENOENT' ? new AppError('NOT_FOUND', 'There is no such file.', { cause }) : storageError(cause);
  }
}
