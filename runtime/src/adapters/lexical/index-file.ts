import { createHash } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { CollectionState } from './collection-index.ts';
import { INDEX_MAGIC, encodeIndex, planSections } from './index-format.ts';
import type { IndexHeader } from './index-format.ts';

/** Bytes that are checked and written or read at once, so that a search need not wait for a whole file. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Where a collection's index is kept. Names that a file system could take for another get a hash of the name instead. */
export function indexPath(dir: string, collection: string): string {
  const isPlain = /^[a-z0-9_-][a-z0-9._-]{0,150}$/.test(collection) && !collection.startsWith('hash-');
  return join(dir, `${isPlain ? collection : `hash-${createHash('sha256').update(collection).digest('hex')}`}.bin`);
}

/** Writes beside the file and renames, so that a reader finds the old index or the new one. */
export async function writeIndexFile(dir: string, collection: string, state: CollectionState): Promise<void> {
  await mkdir(dir, { recursive: true });
  const path = indexPath(dir, collection);
  const temporary = `${path}.tmp`;
  try {
    await writeIndex(temporary, collection, state);
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function writeIndex(path: string, collection: string, state: CollectionState): Promise<void> {
  const { header, sections } = encodeIndex(collection, state);
  const head = Buffer.from(JSON.stringify(header));
  const prefix = Buffer.alloc(INDEX_MAGIC.length + 4);
  prefix.write(INDEX_MAGIC, 'latin1');
  prefix.writeUInt32LE(head.length, INDEX_MAGIC.length);
  const handle = await open(path, 'w');
  try {
    let checksum = 0;
    for (const section of [prefix, head, ...sections]) checksum = await writePieces(handle, bytesOf(section), checksum);
    const trailer = Buffer.alloc(4);
    trailer.writeUInt32LE(checksum);
    await handle.writeFile(trailer);
  } finally {
    await handle.close();
  }
}

/** The state in a collection's file; null when there is none. Throws when the file is damaged, foreign or of another version. */
export async function readIndexFile(dir: string, collection: string): Promise<CollectionState | null> {
  const handle = await openExisting(indexPath(dir, collection));
  if (handle === null) return null;
  try {
    const { size } = await handle.stat();
    const reader = new CheckedReader(handle, size);
    const prefix = await reader.fill(Buffer.alloc(INDEX_MAGIC.length + 4));
    if (prefix.toString('latin1', 0, INDEX_MAGIC.length) !== INDEX_MAGIC) throw new Error('not an index of this version');
    const head = await reader.fill(reader.allocate(prefix.readUInt32LE(INDEX_MAGIC.length)));
    const header = JSON.parse(head.toString('utf8')) as IndexHeader;
    if (header.collection !== collection) throw new Error('the index of another collection');
    if (announcedBytes(header) !== reader.remaining - 4) throw new Error('the file is cut short or has something appended');
    const { sections, toState } = planSections(header);
    for (const section of sections) await reader.fill(bytesOf(section));
    const checksum = reader.checksum;
    const trailer = await reader.fill(Buffer.alloc(4));
    if (trailer.readUInt32LE(0) !== checksum) throw new Error('the checksum does not match');
    return toState();
  } finally {
    await handle.close();
  }
}

export async function deleteIndexFile(dir: string, collection: string): Promise<void> {
  const path = indexPath(dir, collection);
  await rm(path, { force: true });
  await rm(`${path}.tmp`, { force: true });
}

/** Reads a file from its start, summing up as it goes; never past its end. */
class CheckedReader {
  readonly #handle: FileHandle;
  #position = 0;
  remaining: number;
  checksum = 0;

  constructor(handle: FileHandle, sizeBytes: number) {
    this.#handle = handle;
    this.remaining = sizeBytes;
  }

  /** A damaged length must not become an allocation. */
  allocate(sizeBytes: number): Buffer {
    if (sizeBytes > this.remaining) throw new Error('the file is cut short');
    return Buffer.alloc(sizeBytes);
  }

  async fill<T extends Uint8Array>(target: T): Promise<T> {
    for (let done = 0; done < target.length; ) {
      const { bytesRead } = await this.#handle.read(target, done, Math.min(PIECE_BYTES, target.length - done), this.#position);
      if (bytesRead === 0) throw new Error('the file is cut short');
      this.checksum = crc32(target.subarray(done, done + bytesRead), this.checksum);
      done += bytesRead;
      this.#position += bytesRead;
      this.remaining -= bytesRead;
    }
    return target;
  }
}

async function writePieces(handle: FileHandle, bytes: Uint8Array, checksumBefore: number): Promise<number> {
  let checksum = checksumBefore;
  for (let from = 0; from < bytes.length; from += PIECE_BYTES) {
    const piece = bytes.subarray(from, from + PIECE_BYTES);
    checksum = crc32(piece, checksum);
    await handle.writeFile(piece);
  }
  return checksum;
}

function announcedBytes(header: IndexHeader): number {
  return header.segments.reduce(
    (sum, segment) =>
      sum + 9 * segment.chunkCount + 2 * segment.chunkIdUnits + 4 * (2 * segment.termCount + 1) + 5 * segment.postingCount,
    4 * header.termCount + 2 * header.termUnits,
  );
}

function bytesOf(section: Uint8Array | Uint16Array | Uint32Array): Uint8Array {
  return new Uint8Array(section.buffer, section.byteOffset, section.byteLength);
}

async function openExisting(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
