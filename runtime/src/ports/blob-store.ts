import type { Readable } from 'node:stream';

export type StoredBlob = { sizeBytes: number; sha256: string };

/** The bytes of uploads under our own ids; client file names never reach it. */
export interface BlobStore {
  /**
   * Streams `source` to durable storage: when it resolves, the bytes survive a power cut. On any failure or abort nothing
   * stays behind. Throws FILE_TOO_LARGE past `maxBytes`, STORAGE_FULL, STORAGE_FAILED.
   */
  put(id: string, source: Readable, options: { maxBytes: number; signal: AbortSignal }): Promise<StoredBlob>;
  /** Opens [start, end] (inclusive, whole blob by default). Throws NOT_FOUND. */
  open(id: string, range?: { start: number; end: number }): Promise<{ stream: Readable; sizeBytes: number }>;
  /** Runs `use` with a path that holds the bytes for the time of the call. Throws NOT_FOUND. */
  withLocalFile<T>(id: string, use: (path: string) => Promise<T>): Promise<T>;
  /** Idempotent. */
  delete(id: string): Promise<void>;
  /** Removes temporary files of dead uploads, and blobs that `isKnown` denies and that are older than `minAgeMs`. Returns how many went. */
  sweep(isKnown: (id: string) => boolean, minAgeMs: number): Promise<number>;
  /** Writes and removes a small blob: proves that storage works. Throws STORAGE_FULL or STORAGE_FAILED. */
  check(): Promise<void>;
}
