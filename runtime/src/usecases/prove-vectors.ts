import { isAbortError, isAppError } from '../domain/errors.ts';
import type { ChunkStore, FileVersion } from '../ports/chunk-store.ts';
import type { KnowledgeStore } from '../ports/knowledge-store.ts';
import type { Logger } from '../ports/logger.ts';
import type { VectorIndex } from '../ports/vector-index.ts';
import type { Embedder } from '../ports/embedder.ts';
import { pause, type Signals, type Turns } from './background.ts';
import type { KnowledgeCache } from './knowledge-cache.ts';
import { dropCollections } from './sync-vectors.ts';
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
  vectorTurns: Turns;
  logger: Logger;
};

/** Between two looks at the index, and the longest wait after failures. */
const WATCH_MS = 1000;
const MAX_WATCH_MS = 30_000;
/** Names of our collections, as vectorCollection makes them; the id of the knowledge base is the group. */
const OWN_COLLECTION = /^kb-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})-/u;

/** Known vectors asked for in each collection. A damaged index seen so far had lost most of them, not a few (hardening notes c.2); the count covers the rest. */
const PROBES = 32;
/** The graph is approximate: a whole one has missed 1 in 90 vectors that resemble many others. More than this share missing is damage. */
const MAX_MISSED_SHARE = 1 / 8;
/** A vector found again has cosine 1; less the rounding of float32. */
const SAME_COSINE = 0.9999;

/**
 * Watches the vector index for the life of the process: after every start of its server each collection must find known
 * vectors again before it is believed. One that does not is dropped and rebuilt from the stored embeddings; answers come
 * from the exact scan meanwhile. What changed while the index was away is brought in line, and collections of knowledge
 * bases that are gone are dropped.
 */
export async function keepVectorsProven(deps: ProveDeps, signal: AbortSignal): Promise<void> {
  let provenGeneration = -1;
  let failures = 0;
  let lastReason = '';
  while (!signal.aborted) {
    try {
      await deps.index.whenReady(signal);
      const generation = deps.index.generation();
      if (generation !== provenGeneration) {
        await proveAll(deps, generation, signal);
        provenGeneration = generation;
        deps.trust.finishCheck(generation);
        deps.signals.wakeJobs();
      }
      failures = 0;
    } catch (error) {
      if (signal.aborted) return;
      failures += 1;
      const reason = String(error);
      if (reason !== lastReason) deps.logger.warn({ err: error }, 'The vector index could not be checked; it is tried again');
      lastReason = reason;
    }
    await pause(Math.min(MAX_WATCH_MS, WATCH_MS * 2 ** Math.min(failures, 10)), signal);
  }
}

async function proveAll(deps: ProveDeps, generation: number, signal: AbortSignal): Promise<void> {
  const knowledgeIds = await deps.knowledge.allIds();
  for (const knowledgeId of knowledgeIds) {
    const collection = vectorCollection(knowledgeId, deps.embedder.profileKey);
    const indexed = await deps.knowledge.indexed(collection);
    const fault = indexed.length > 0 ? await searchFault(deps, collection, indexed, signal) : undefined;
    if (fault !== undefined) {
      deps.logger.warn({ collection, fault }, 'The vector index lost data of a collection; it is rebuilt from the stored embeddings');
      await deps.vectorTurns(knowledgeId, () => rebuild(deps, knowledgeId, collection, signal));
      continue;
    }
    if (indexed.length > 0) deps.trust.markProven(collection, generation);
    if (!(await isInLine(deps, knowledgeId, collection, indexed))) await deps.knowledge.requestSync(knowledgeId);
  }
  await dropUnowned(deps, signal);
}

/** Whether the index holds just the files of the knowledge base, under the profile in use alone. */
async function isInLine(deps: ProveDeps, knowledgeId: string, collection: string, indexed: FileVersion[]): Promise<boolean> {
  const wanted = new Map((await deps.knowledge.fileVersions(knowledgeId)).map((file) => [file.fileId, file.version]));
  const collections = await deps.knowledge.collections(knowledgeId);
  return wanted.size === indexed.length && indexed.every((file) => wanted.get(file.fileId) === file.version) && collections.every((name) => name === collection);
}

/** A knowledge base that was deleted while the index was away left its vectors there. */
async function dropUnowned(deps: ProveDeps, signal: AbortSignal): Promise<void> {
  const names = [...(await deps.index.names(signal)), ...(await deps.knowledge.collections(null))];
  // Read after the names: a knowledge base that was made meanwhile has an owner.
  const owned = new Set(await deps.knowledge.allIds());
  const unowned = new Set(names.map((name) => OWN_COLLECTION.exec(name)?.[1]).filter((id) => id !== undefined && !owned.has(id)));
  for (const id of unowned) if (id !== undefined) await deps.vectorTurns(id, () => dropCollections(deps, id, names.filter((name) => name.includes(id)), signal));
}

/** What is wrong with a collection that should hold these files; undefined when it finds what it should. */
async function searchFault(deps: ProveDeps, collection: string, indexed: FileVersion[], signal: AbortSignal): Promise<string | undefined> {
  const profile = deps.embedder.profileKey;
  try {
    const [counted, expected] = await Promise.all([deps.index.count(collection, signal), deps.chunks.countVectors(indexed, profile)]);
    if (counted < expected) return `it holds ${counted} of ${expected} vectors`;
    const probes = await deps.chunks.sampleVectors(indexed, profile, PROBES);
    let missed = 0;
    for (const probe of probes) {
      const hits = await deps.index.query(collection, probe.vector, 3, signal);
      if (!hits.some((hit) => hit.id === probe.chunkId || hit.cosine >= SAME_COSINE)) missed += 1;
    }
    return missed > probes.length * MAX_MISSED_SHARE ? `it does not find ${missed} of ${probes.length} vectors again` : undefined;
  } catch (error) {
    if (isAbortError(error) || isAway(error)) throw error;
    deps.logger.warn({ err: error, collection }, 'A collection of the vector index does not answer');
    return 'it does not answer';
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
