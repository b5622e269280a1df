import type { Extraction } from './file-store.ts';

export type DocumentToRead = {
  path: string;
  filename: string;
  contentType: string | null;
  chunkSizeChars: number;
  chunkOverlapChars: number;
};

/**
 * Turns a stored document into text and chunks with their terms, outside the main thread and under limits of time, memory,
 * pages and characters. The type is decided from the content first, then the name, then the declared type.
 * Throws UNSUPPORTED_TYPE (names the type and what is supported), NO_TEXT, EXTRACTION_FAILED (a sentence a user understands),
 * EXTRACTION_TIMEOUT, EXTRACTION_LIMIT; none of these is retryable. A crashed worker is EXTRACTION_FAILED, retryable once.
 */
export interface DocumentReader {
  read(document: DocumentToRead, signal: AbortSignal): Promise<Extraction>;
  close(): Promise<void>;
}
