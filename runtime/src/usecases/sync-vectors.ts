import { isAppError } from '../domain/errors.ts';
import type { Job } from '../domain/job.ts';
import type { ChunkStore, FileVersion } from '../ports/chunk-store.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { Turns } from './background.ts';
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
  /** By knowledge base: a collection is never dropped while it is being written. */
  vectorTurns: Turns;
  logger: Logger;
};

/** Vectors read and written at a time: 1,000 x 384 floats are 1.5 MB. */
const VECTORS_PER_WRITE = 1000;
/**
 * Marked before the first vector of a file is written (real versions begin at 1): should this process die and the file be unlinked
 * before the next sync, its vectors are still known to be there and are deleted.
 */
const BEGUN = 0;
/** Attempts, some seconds apart, that a server's refusal to write may pass by itself. */
const REBUILD_AFTER = 5;

/**
 * Brings the vector index of a knowledge base in line with its files: removes what left, adds what is missing, remembers
 * each file once the index has acknowledged all its vectors. Running it twice changes nothing. While the index is away it
 * does nothing: the watch (prove-vectors.ts) asks again when the index is back. A file that is not embedded yet is left
 * out: embed-missing.ts asks again when it is.
 */
export async function syncVectors(deps: SyncDeps, job: Job, signal: AbortSignal): Promise<void> {
  const knowledgeId = job.targetId;
  deps.cache.invalidate(knowledgeId);
  if (deps.index.state().state !== 'ready' || (await deps.knowledge.get(knowledgeId)) === null) return;
  try {
    await deps.vectorTurns(knowledgeId, () => sync(deps, knowledgeId, signal));
  } catch (error) {
    if (job.attempt % REBUILD_AFTER === 0 && isAppError(error) && error.details['reason'] === 'server-error') await beginAnew(deps, knowledgeId);
    throw error;
  }
}

/** A collection that the server goes on refusing to write is dropped by the next attempt, which finds nothing marked in it. */
async function beginAnew(deps: SyncDeps, knowledgeId: string): Promise<void> {
  const collection = vectorCollection(knowledgeId, deps.embedder.profileKey);
  deps.logger.warn({ collection }, 'The vector index cannot write a collection; it is rebuilt from the stored embeddings');
  deps.trust.distrust(collection);
  await deps.knowledge.forgetCollection(collection);
  deps.cache.invalidateIndexed(knowledgeId);
}

async function sync(deps: SyncDeps, knowledgeId: string, signal: AbortSignal): Promise<void> {
  const collection = vectorCollection(knowledgeId, deps.embedder.profileKey);
  const generation = deps.index.generation();
  const wanted = new Map((await deps.knowledge.fileVersions(knowledgeId)).map((file) => [file.fileId, file]));
  const held = new Map((await deps.knowledge.indexed(collection)).map((file) => [file.fileId, file]));
  const isNew = held.size === 0;
  if (isNew && !deps.trust.isProven(collection)) {
    // What a lost index left behind under this name must not mix with the new one; what begins empty can be believed.
    await deps.index.drop(collection, signal);
    deps.trust.markProven(collection, generation);
  }
  for (const [fileId, file] of held) {
    if (wanted.get(fileId)?.version === file.version) continue;
    await deps.index.deleteFile(collection, fileId, signal);
    await deps.knowledge.unmarkIndexed(collection, fileId);
    deps.cache.invalidateIndexed(knowledgeId);
  }
  let isComplete = true;
  for (const file of wanted.values()) {
    if (held.get(file.fileId)?.version === file.version) continue;
    if ((await deps.chunks.textsWithoutEmbedding(file.fileId, deps.embedder.profileKey, 1)).length > 0) {
      isComplete = false;
      continue;
    }
    await deps.knowledge.markIndexed(collection, { fileId: file.fileId, version: BEGUN });
    // What a killed run wrote of this file already: deleting first is three times faster than writing over it (measured).
    if (!isNew) await deps.index.deleteFile(collection, file.fileId, signal);
    await indexFile(deps, collection, file, signal);
    deps.cache.invalidateIndexed(knowledgeId);
  }
  if (isComplete) await dropOldProfiles(deps, knowledgeId, collection, signal);
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

/** The indexes of a deleted knowledge base. While the vector index is away its part waits for the watch, which drops what nobody owns. */
export async function dropVectors(deps: SyncDeps, job: Job, signal: AbortSignal): Promise<void> {
  const knowledgeId = job.targetId;
  deps.cache.invalidate(knowledgeId);
  await deps.lexicalSync.forget(knowledgeId);
  if (deps.index.state().state !== 'ready') return;
  await deps.vectorTurns(knowledgeId, () => dropCollections(deps, knowledgeId, [], signal));
}

/** Drops every collection of the knowledge base that is remembered or named in `others`. */
export async function dropCollections(
  deps: Pick<SyncDeps, 'knowledge' | 'embedder' | 'index' | 'trust'>,
  knowledgeId: string,
  others: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  const known = await deps.knowledge.collections(knowledgeId);
  for (const collection of new Set([...known, ...others, vectorCollection(knowledgeId, deps.embedder.profileKey)])) {
    await deps.index.drop(collection, signal);
    await deps.knowledge.forgetCollection(collection);
    deps.trust.distrust(collection);
  }
}
