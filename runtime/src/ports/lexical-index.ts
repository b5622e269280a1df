import type { TermCounts } from '../domain/chunk.ts';
import type { ChunkTerms, FileVersion } from './chunk-store.ts';

export type LexicalHit = { chunkId: string; score: number };

/**
 * BM25 over terms, one index per collection (statistics never mix), in a worker thread. Derived data: whatever is lost is
 * rebuilt from the chunk store's terms, so nothing here needs to be durable at once; it persists itself to start faster.
 */
export interface LexicalIndex {
  /** Files that the collection's index holds (loading it from disk first if need be); [] for an unknown collection. */
  files(collection: string): Promise<FileVersion[]>;
  /** Adds a file's chunks; replaces an older version of the same file. */
  addFile(collection: string, file: FileVersion, chunks: ChunkTerms[]): Promise<void>;
  removeFile(collection: string, fileId: string): Promise<void>;
  drop(collection: string): Promise<void>;
  /** Best `k`, best first; chunks without any of the terms are not hits. */
  search(collection: string, query: TermCounts, k: number, signal: AbortSignal): Promise<LexicalHit[]>;
  /** Scores the given chunks alone, with statistics of just them (a chat with single files). */
  searchAdHoc(chunks: ChunkTerms[], query: TermCounts, k: number, signal: AbortSignal): Promise<LexicalHit[]>;
  /** Writes what changed to disk and ends the worker. */
  close(): Promise<void>;
}
