import { isAbortError } from '../domain/errors.ts';
import type { ProfileKey } from '../domain/embedding-profile.ts';
import type { ChunkStore } from '../ports/chunk-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import type { VectorTrust } from './vector-trust.ts';

export type VectorSearchDeps = { chunks: ChunkStore; index: VectorIndex; cache: KnowledgeCache; trust: VectorTrust; logger: Logger };
export type CosineHit = { chunkId: string; cosine: number };

/** Chroma's name for the vectors of a knowledge base under a profile. */
export function vectorCollection(knowledgeId: string, profile: ProfileKey): string {
  return `kb-${knowledgeId}-${profile}`;
}

/**
 * Nearest chunks of a knowledge base. The vector index answers for the files it has acknowledged and been proven to find;
 * all others, and all when it cannot be asked, are compared exactly from the stored embeddings. So the answer is complete
 * at every moment, only slower while the index is being built.
 */
export async function searchVectors(
  deps: VectorSearchDeps,
  knowledgeId: string,
  profile: ProfileKey,
  query: Float32Array,
  k: number,
  signal: AbortSignal,
): Promise<CosineHit[]> {
  const wanted = await deps.cache.files(knowledgeId);
  const collection = vectorCollection(knowledgeId, profile);
  const isTrusted = deps.trust.isProven(collection);
  const indexed = isTrusted ? await deps.cache.indexed(knowledgeId, collection) : new Map<string, never>();
  const exact = [...wanted.values()].filter((file) => indexed.get(file.fileId)?.version !== file.version).map((file) => file.fileId);
  const approximate = async (): Promise<CosineHit[]> => {
    if (exact.length === wanted.size) return [];
    try {
      const hits = await deps.index.query(collection, query, k, signal);
      return hits.map((hit) => ({ chunkId: hit.id, cosine: hit.cosine }));
    } catch (error) {
      if (isAbortError(error)) throw error;
      deps.logger.warn({ err: error, collection }, 'The vector index did not answer; the stored vectors are compared exactly');
      return deps.chunks.nearest([...wanted.keys()], profile, query, k);
    }
  };
  const [near, scanned] = await Promise.all([approximate(), exact.length > 0 ? deps.chunks.nearest(exact, profile, query, k) : []]);
  const best = new Map<string, number>();
  for (const hit of [...near, ...scanned]) best.set(hit.chunkId, Math.max(hit.cosine, best.get(hit.chunkId) ?? -1));
  return [...best].map(([chunkId, cosine]) => ({ chunkId, cosine })).sort((a, b) => b.cosine - a.cosine).slice(0, k);
}
