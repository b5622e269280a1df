import type { FileRecord } from '../domain/file.ts';
import type { AccessGrant, Knowledge } from '../domain/knowledge.ts';
import type { FileVersion } from './chunk-store.ts';
import type { Page } from './file-store.ts';

export type KnowledgeSummary = Knowledge & { fileCount: number };
export type LinkedFile = FileRecord & { addedByUserId: string; linkedAtMs: number };
export type LinkOutcome = 'linked' | 'already-linked' | 'duplicate' | 'knowledge-missing' | 'file-missing';

/**
 * Knowledge bases, which files they hold, and what the vector index has of them. Each method is one transaction and
 * durable when it resolves; a change of the set of files enqueues the knowledge base's sync-vectors job with it.
 */
export interface KnowledgeStore {
  insert(knowledge: Knowledge): Promise<void>;
  get(id: string): Promise<Knowledge | null>;
  /** Newest update first. `readerId` null sees all; else own ones and those granted to the user or to `*`. */
  list(query: { readerId: string | null; search?: string; offset: number; limit: number }): Promise<Page<KnowledgeSummary>>;
  update(id: string, change: { name?: string; description?: string; accessGrants?: AccessGrant[] }): Promise<Knowledge | null>;
  /** Removes row and links, enqueues `drop-vectors`. Files survive. False when unknown. */
  remove(id: string): Promise<boolean>;
  /** Removes all links; files survive. */
  reset(id: string): Promise<boolean>;

  /**
   * Links a completed file once. `duplicate` when another linked file has the same text (textHash); nothing is changed then.
   */
  link(knowledgeId: string, fileId: string, userId: string): Promise<LinkOutcome>;
  /** False when it was not linked. */
  unlink(knowledgeId: string, fileId: string): Promise<boolean>;
  /** Oldest link first unless `newestFirst`. `search` filters by part of the name. */
  files(knowledgeId: string, query: { search?: string; offset: number; limit: number; newestFirst?: boolean }): Promise<Page<LinkedFile>>;
  /** Every linked file at its current version. */
  fileVersions(knowledgeId: string): Promise<FileVersion[]>;
  /** Ids of the knowledge bases that hold the file. */
  holding(fileId: string): Promise<string[]>;
  allIds(): Promise<string[]>;

  /** What the vector index has acknowledged for one of its collections; version 0 is a file whose writing had begun. */
  indexed(collection: string): Promise<FileVersion[]>;
  markIndexed(collection: string, file: FileVersion): Promise<void>;
  unmarkIndexed(collection: string, fileId: string): Promise<void>;
  /** The collection is to be built from nothing. */
  forgetCollection(collection: string): Promise<void>;
  /** Collections that something was ever marked indexed in, for a knowledge base or for all. */
  collections(knowledgeId: string | null): Promise<string[]>;
  /** Enqueues the sync-vectors job unless one is waiting. */
  requestSync(knowledgeId: string): Promise<void>;
}
