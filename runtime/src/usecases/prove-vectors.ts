import { isAbortError, isAppError } from '../domain/errors.ts';
import type { ChunkStore, FileVersion } from '../ports/chunk-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { Embedder } from '../ports/embedder.ts';
import type { Signals } from './background.ts';
import { pause } from './background.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import { vectorCollection } from './vector-search.ts';
import type { VectorTrust } from './vector-trust.ts';

export type ProveDeps = {
  knowledge: KnowledgeStore;
  chunks: ChunkStore;
  index: VectorIndex & { wipe?(signal: AbortSignal): Promise<void> };
  embedder: Embedder;
  cache: KnowledgeCache;
  trust: VectorTrust;
  signals: Signals;
  logger: Logger;
};

/** Known vectors asked for in each collection. A damaged index seen so far had lost most of them, not a few (hardening notes c.2); the count covers the rest. */
const PROBES = 32;
/** A vector found again has cosine 1; less the rounding of float32. */
const SAME_COSINE = 0.9999;

/**
 * Watches the vector index for the life of the process: after every start of its server each collection must find known
 * vectors again before it is believed. One that does not is dropped and rebuilt from the stored embeddings; answers come
 * from the exact scan meanwhile.
 */
export async function keepVectorsProven(deps: ProveDeps, signal: AbortSignal): Promise<void> {
  let provenGeneration = -1;
  while (!signal.aborted) {
    try {
      await deps.index.whenReady(signal);
      const generation = deps.index.generation();
      if (generation !== provenGeneration) {
        await proveAll(deps, generation, signal);
        provenGeneration = generation;
        deps.signals.wakeJobs();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (!isAbortError(error)) deps.logger.warn({ err: error }, 'The vector index could not be checked; it is tried again');
    }
    await pause(1000, signal);
  }
}

async function proveAll(deps: ProveDeps, generation: number, signal: AbortSignal): Promise<void> {
  for (const knowledgeId of await deps.knowledge.allIds()) {
    const collection = vectorCollection(knowledgeId, deps.embedder.profileKey);
    const indexed = await deps.knowledge.indexed(collection);
    if (indexed.length === 0) continue;
    if (await isSearchable(deps, collection, indexed, signal)) {
      deps.trust.markProven(collection, generation);
      continue;
    }
    deps.logger.warn({ collection }, 'The vector index lost data of a collection; it is rebuilt from the stored embeddings');
    await rebuild(deps, knowledgeId, collection, signal);
  }
}

async function isSearchable(deps: ProveDeps, collection: string, indexed: FileVersion[], signal: AbortSignal): Promise<boolean> {
  const profile = deps.embedder.profileKey;
  try {
    const [counted, expected] = await Promise.all([deps.index.count(collection, signal), deps.chunks.countVectors(indexed, profile)]);
    if (counted < expected) return false;
    for (const probe of await deps.chunks.sampleVectors(indexed, profile, PROBES)) {
      const hits = await deps.index.query(collection, probe.vector, 3, signal);
      if (!hits.some((hit) => hit.id === probe.chunkId || hit.cosine >= SAME_COSINE)) return false;
    }
    return true;
  } catch (error) {
    if (isAbortError(error) || isAway(error)) throw error;
    deps.logger.warn({ err: error, collection }, 'A collection of the vector index does not answer');
    return false;
  }
}

/** The server is not there at all, which says nothing about a collection; it is asked again when it is back. */
function isAway(error: unknown): boolean {
  return isAppError(error) && ['not-running', 'unreachable', 'no-binding', 'folder-in-use'].includes(String(error.details['reason']));
}

/** Forgets first: should the process die in between, the next sync begins from nothing. */
async function rebuild(deps: ProveDeps, knowledgeId: string, collection: string, signal: AbortSignal): Promise<void> {
  deps.trust.distrust(collection);
  await deps.knowledge.forgetCollection(collection);
  deps.cache.invalidate(knowledgeId);
  try {
    await deps.index.drop(collection, signal);
  } catch (error) {
    if (isAbortError(error) || isAway(error) || deps.index.wipe === undefined) throw error;
    deps.logger.error({ err: error, collection }, 'A broken collection cannot be dropped; the whole vector index starts anew');
    for (const name of await deps.knowledge.collections(null)) await deps.knowledge.forgetCollection(name);
    await deps.index.wipe(signal);
    for (const id of await deps.knowledge.allIds()) {
      deps.cache.invalidate(id);
      await deps.knowledge.requestSync(id);
    }
  }
  await deps.knowledge.requestSync(knowledgeId);
}
