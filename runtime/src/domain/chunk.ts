import type { PackedTerms } from './packed-terms.ts';

/** A piece of a document's text with the place where it stands. Offsets are UTF-16 units into the extracted text. */
export type ChunkDraft = {
  text: string;
  /** SHA-256 hex of `text`: the key of its embedding. */
  textHash: string;
  startOffset: number;
  endOffset: number;
  /** 1-based page of a paged document. */
  page: number | null;
  /** Innermost heading above the chunk, or null. */
  heading: string | null;
  /** Search terms with their counts (domain/terms.ts), written in the chunk's transaction for the lexical index. */
  terms: PackedTerms;
};

/** Term to number of occurrences, as pairs so that it crosses threads and databases cheaply. */
export type TermCounts = Array<[term: string, count: number]>;

/** A stored chunk. `id` is deterministic: file, version and ordinal. */
export type Chunk = Omit<ChunkDraft, 'terms'> & {
  id: string;
  fileId: string;
  version: number;
  ordinal: number;
};

/** The one constructor of chunk ids: a job that runs twice writes the same ids. */
export function chunkId(fileId: string, version: number, ordinal: number): string {
  return `${fileId}.${version}.${ordinal}`;
}
