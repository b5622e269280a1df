import type { EmbeddingProfile } from '../domain/embedding-profile.ts';
import type { FileRecord } from '../domain/file.ts';
import type { JsonObject } from '../domain/json.ts';
import type { RetrievedChunk } from './retrieve.ts';

/** Open WebUI's scale for plain search (contract 9.4): (1 + cosine) / 2; 0.5, "unrelated", where there is no vector. */
export function similarity(cosine: number | null): number {
  return cosine === null ? 0.5 : Math.min(1, Math.max(0, (1 + cosine) / 2));
}

/** Metadata of a hit with the contract's keys (3.7, 9.4) and ours: `heading`, `end_index`, `score`. `page` counts from 0, `page_label` from 1. */
export function chunkMetadata(hit: RetrievedChunk, file: FileRecord | undefined, profile: EmbeddingProfile): JsonObject {
  const { chunk } = hit;
  const scalars = Object.entries(file?.metadata ?? {}).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return {
    ...Object.fromEntries(scalars),
    name: file?.filename ?? '',
    source: file?.filename ?? '',
    file_id: chunk.fileId,
    created_by: file?.userId ?? '',
    hash: file?.textHash ?? '',
    file_hash: file?.fileHash ?? '',
    size: file?.sizeBytes ?? 0,
    ...(file?.contentType === null || file === undefined ? {} : { content_type: file.contentType }),
    ...(chunk.page === null ? {} : { page: chunk.page - 1, page_label: String(chunk.page) }),
    ...(chunk.heading === null ? {} : { heading: chunk.heading }),
    start_index: chunk.startOffset,
    end_index: chunk.endOffset,
    score: Math.round(hit.score * 1e6) / 1e6,
    embedding_config: JSON.stringify({ engine: profile.provider, model: profile.model }),
  };
}
