import type { ChunkDraft } from '../../domain/chunk.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { DocumentToRead } from '../../ports/document-reader.ts';

/** To the worker: one document. */
export type ExtractRequest = { requestId: number; document: DocumentToRead };

/** A chunk without its text, which the main thread cuts from the whole. */
export type ChunkPlace = Omit<ChunkDraft, 'text'>;

/**
 * From the worker, in this order: the text, the chunks in batches (so that receiving them never holds up the main
 * thread), the end; or an error at any time.
 */
export type ExtractReply =
  | { requestId: number; type: 'text'; text: string; textHash: string }
  | { requestId: number; type: 'chunks'; chunks: ChunkPlace[] }
  | { requestId: number; type: 'end' }
  | { requestId: number; type: 'error'; code: ErrorCode; message: string; isRetryable: boolean; details: Record<string, unknown> };
