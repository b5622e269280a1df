import type { JsonObject } from './json.ts';

/**
 * Life of a file: `unprocessed` (uploaded with process=false), `pending` (stored and acknowledged, waits for its job),
 * `processing`, then `completed` or `failed`. A file being deleted is invisible to every reader.
 */
export type FileStatus = 'unprocessed' | 'pending' | 'processing' | 'completed' | 'failed';

export type FileRecord = {
  id: string;
  userId: string;
  /** Display name: a base name without control characters, never a path. */
  filename: string;
  contentType: string | null;
  sizeBytes: number;
  /** SHA-256 hex of the bytes. */
  fileHash: string;
  /** SHA-256 hex of the extracted text; null until processed and after a failure. */
  textHash: string | null;
  status: FileStatus;
  /** Why it failed, a sentence; null otherwise. */
  error: string | null;
  /** Rises with each new processing request; a late job of an older version changes nothing. */
  version: number;
  /** What the client sent as `metadata`. */
  metadata: JsonObject;
  /** Chunks of the last completed processing, and what it took from its start to searchable; null before. */
  chunkCount: number | null;
  processingMs: number | null;
  createdAtMs: number;
  updatedAtMs: number;
};
