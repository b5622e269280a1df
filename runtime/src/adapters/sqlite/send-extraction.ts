import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ChunkDraft } from '../../domain/chunk.ts';
import type { Extraction } from '../../ports/file-store.ts';
import type { ChunkRow, Remote } from './worker-protocol.ts';
import type { WorkerClient } from './worker-client.ts';
import type { WriterServices } from './services.ts';

/** Chunks made ready per turn of the event loop: a few milliseconds at a thousand characters each. */
const CHUNKS_PER_SLICE = 200;

function toRow(chunk: ChunkDraft): ChunkRow {
  const { text, textHash, startOffset, endOffset, page, heading, terms } = chunk;
  return { text, textHash, startOffset, endOffset, page, heading, terms };
}

/**
 * FileStore.saveExtraction: the chunks go to the writer in slices, with a turn of the event loop after each, so that a
 * document of 50,000 chunks does not stop the main thread; the writer saves them in one transaction.
 */
export function createSendExtraction(writer: WorkerClient): (id: string, version: number, extraction: Extraction) => Promise<boolean> {
  const ingestion: Remote<WriterServices['ingestion']> = writer.service('ingestion');
  let lastUploadId = 0;
  return async (id, version, { text, textHash, chunks }) => {
    const uploadId = ++lastUploadId;
    try {
      for (let start = 0; start < chunks.length; start += CHUNKS_PER_SLICE) {
        if (start > 0) await nextTurn();
        writer.sendRows(uploadId, chunks.slice(start, start + CHUNKS_PER_SLICE).map(toRow));
      }
      return await ingestion.saveExtraction(id, version, { text, textHash, uploadId });
    } finally {
      writer.sendRows(uploadId, []);
    }
  };
}
