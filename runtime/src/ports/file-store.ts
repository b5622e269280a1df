import type { ChunkDraft } from '../domain/chunk.ts';
import type { FileRecord } from '../domain/file.ts';
import type { NewJob } from '../domain/job.ts';

export type Page<T> = { items: T[]; total: number };

/** What extraction found, saved in one transaction. */
export type Extraction = { text: string; textHash: string; chunks: ChunkDraft[] };

/**
 * File rows, their text and the steps of their saga. Each method is one transaction and durable when it resolves.
 * Methods that take a `version` change nothing and return false when the row is gone, is being deleted, or has another
 * version: a late job is harmless. Readers never see a file that is being deleted.
 */
export interface FileStore {
  /** Commit point of an upload: the row and, unless null, its job. Only after this may 200 be answered. */
  insert(file: FileRecord, job: NewJob | null): Promise<void>;
  get(id: string): Promise<FileRecord | null>;
  getMany(ids: readonly string[]): Promise<FileRecord[]>;
  /** Newest `updatedAtMs` first; `userId` null lists everybody's. */
  list(query: { userId: string | null; offset: number; limit: number }): Promise<Page<FileRecord>>;
  /** Whole-name match, case-insensitive, `*` and `?` are wildcards, everything else is literal; newest created first. */
  search(query: { userId: string | null; pattern: string; offset: number; limit: number }): Promise<FileRecord[]>;
  count(userId: string | null): Promise<number>;
  /** Extracted text; null before extraction. */
  text(id: string): Promise<string | null>;
  /** New version, status `pending`, error cleared, with its job. Returns the record, or null when the file is unknown. */
  requestProcessing(id: string): Promise<FileRecord | null>;
  rename(id: string, filename: string): Promise<FileRecord | null>;

  setProcessing(id: string, version: number): Promise<boolean>;
  /** Replaces text and chunks of the file by those of this version (ids from `chunkId`); status stays `processing`. */
  saveExtraction(id: string, version: number, extraction: Extraction): Promise<boolean>;
  /**
   * Commit point of ingestion: status `completed`, textHash set. Where `linkTo` names a knowledge base that exists, the
   * link is made in the same transaction (as KnowledgeStore.link); the answer says what became of it.
   */
  complete(id: string, version: number, linkTo: { knowledgeId: string; userId: string } | null):
    Promise<false | 'completed' | 'linked' | 'already-linked' | 'duplicate'>;
  fail(id: string, version: number, reason: string): Promise<boolean>;
  /** Hides the file, removes its links (each touched knowledge base gets a sync-vectors job) and enqueues `delete-file`. False when unknown. */
  startDelete(id: string): Promise<boolean>;
  /** Last step of deletion: chunks, text, embeddings that no other chunk uses, row. Idempotent. */
  purge(id: string): Promise<void>;
  /** Ids of all rows, hidden ones too: for the sweep of orphaned blobs. */
  allIds(): Promise<string[]>;
  /** Gives every pending or processing file and every hidden file without a live job a new one. Returns how many. */
  repairJobs(): Promise<number>;
}
