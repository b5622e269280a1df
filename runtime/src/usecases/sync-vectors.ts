import type { Job } from '../domain/job.ts';
import type { ChunkStore, FileVersion } from '../ports/chunk-store.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import { embedFile } from './ingest-file.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import type { LexicalSync } from './lexical-sync.ts';
import { vectorCollection } from './vector-search.ts';
import type { VectorTrust } from './vector-trust.ts';

export type SyncDeps = {
  knowledge: KnowledgeStore;
  chunks: ChunkStore;
  index: VectorIndex;
  embedder: Embedder;
  cache: KnowledgeCache;
  trust: VectorTrust;
  lexicalSync: LexicalSync;
  logger: Logger;
};

/** Vectors read and written at a time: 1,000 x 384 floats are 1.5 MB. */
const VECTORS_PER_WRITE = 1000;

/**
 * Brings the vector index of a knowledge base in line with its files: removes what left, adds what is missing, remembers
 * each file once the index has acknowledged all its vectors. Running it twice changes nothing.
 */
export async function syncVectors(deps: SyncDeps, job: Job, signal: AbortSignal): Promise<void> {
  const knowledgeId = job.targetId;
  if ((await deps.knowledge.get(knowledgeId)) === null) return;
  const collection = vectorCollection(knowledgeId, deps.embedder.profileKey);
  const generation = deps.index.generation();
  const wanted = new Map((await deps.knowledge.fileVersions(knowledgeId)).map((file) => [file.fileId, file]));
  const held = new Map((await deps.knowledge.indexed(collection)).map((file) => [file.fileId, file]));
  const isNew = held.size === 0;
  // What a lost index left behind under this name must not mix with the new one.
  if (isNew && !deps.trust.isProven(collection)) await deps.index.drop(collection, signal);
  for (const [fileId, file] of held) {
    if (wanted.get(fileId)?.version === file.version) continue;
    await deps.index.deleteFile(collection, fileId, signal);
    await deps.knowledge.unmarkIndexed(collection, fileId);
  }
  for (const file of wanted.values()) {
    if (held.get(file.fileId)?.version === file.version) continue;
    await embedFile(deps, file.fileId, signal);
    // What a killed run wrote of this file already: deleting first is three times faster than writing over it (measured).
    if (!isNew) await deps.index.deleteFile(collection, file.fileId, signal);
    await indexFile(deps, collection, file, signal);
    deps.cache.invalidate(knowledgeId);
  }
  deps.cache.invalidate(knowledgeId);
  if (isNew && generation === deps.index.generation()) deps.trust.markProven(collection, generation);
  await dropOldProfiles(deps, knowledgeId, collection, signal);
}

async function indexFile(deps: SyncDeps, collection: string, file: FileVersion, signal: AbortSignal): Promise<void> {
  for (let offset = 0; ; offset += VECTORS_PER_WRITE) {
    const vectors = await deps.chunks.vectors(file, deps.embedder.profileKey, offset, VECTORS_PER_WRITE);
    if (vectors.length > 0) {
      await deps.index.upsert(collection, vectors.map((item) => ({ id: item.chunkId, fileId: item.fileId, vector: item.vector })), signal);
    }
    if (vectors.length < VECTORS_PER_WRITE) break;
  }
  await deps.knowledge.markIndexed(collection, file);
}

/** After a change of the embedding model: the old collections go once the new one is complete. */
async function dropOldProfiles(deps: SyncDeps, knowledgeId: string, current: string, signal: AbortSignal): Promise<void> {
  for (const collection of await deps.knowledge.collections(knowledgeId)) {
    if (collection === current) continue;
    await deps.index.drop(collection, signal);
    await deps.knowledge.forgetCollection(collection);
  }
}

/** The indexes of a deleted knowledge base. */
export async function dropVectors(deps: SyncDeps, job: Job, signal: AbortSignal): Promise<void> {
  const known = await deps.knowledge.collections(job.targetId);
  for (const collection of new Set([...known, vectorCollection(job.targetId, deps.embedder.profileKey)])) {
    await deps.index.drop(collection, signal);
    await deps.knowledge.forgetCollection(collection);
    deps.trust.distrust(collection);
  }
  await deps.lexicalSync.forget(job.targetId);
}
