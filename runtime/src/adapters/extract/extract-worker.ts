import { parentPort, workerData } from 'node:worker_threads';
import { AppError, isAppError } from '../../domain/errors.ts';
import { chunkDocument, extractDocument, sha256 } from './extract-document.ts';
import type { ExtractLimits } from './extract-limits.ts';
import type { ChunkPlace, ExtractReply, ExtractRequest } from './extract-messages.ts';

const CHUNKS_PER_MESSAGE = 100;

const limits = workerData as ExtractLimits;
const port = parentPort;
if (port === null) throw new Error('extract-worker runs in a worker thread only');

function reply(message: ExtractReply): void {
  port?.postMessage(message);
}

async function answer({ requestId, document }: ExtractRequest): Promise<void> {
  const extracted = await extractDocument(document, limits);
  reply({ requestId, type: 'text', text: extracted.text, textHash: sha256(extracted.text) });
  let batch: ChunkPlace[] = [];
  for (const { textHash, startOffset, endOffset, page, heading, terms } of chunkDocument(extracted, document, limits)) {
    batch.push({ textHash, startOffset, endOffset, page, heading, terms });
    if (batch.length < CHUNKS_PER_MESSAGE) continue;
    reply({ requestId, type: 'chunks', chunks: batch });
    batch = [];
  }
  reply({ requestId, type: 'chunks', chunks: batch });
  reply({ requestId, type: 'end' });
}

function toAppError(error: unknown): AppError {
  if (isAppError(error)) return error;
  const isStackOverflow = error instanceof RangeError;
  return isStackOverflow
    ? new AppError('EXTRACTION_LIMIT', 'The document is built in a way that is too large or too deep to read.', { cause: error })
    : new AppError('EXTRACTION_FAILED', 'The document could not be read; it may be damaged.', { cause: error, details: { reason: String(error) } });
}

port.on('message', (request: ExtractRequest) => {
  answer(request).catch((error: unknown) => {
    const { code, message, isRetryable, details } = toAppError(error);
    reply({ requestId: request.requestId, type: 'error', code, message, isRetryable, details: { ...details } });
  });
});
