import type { ChromaClient, Collection } from 'chromadb';
import { AppError } from '../../domain/errors.ts';
import type { Logger } from '../../ports/logger.ts';
import type { VectorHit, VectorIndex, VectorIndexState, VectorRecord } from '../../ports/vector-index.ts';
import { ChromaCalls } from './chroma-calls.ts';
import { isChromaError } from './chroma-client.ts';
import type { ChromaProcess } from './chroma-process.ts';
import { CollectionGuard } from './collection-guard.ts';
import { indexUnavailable } from './index-unavailable.ts';
import { writeBatches } from './write-batches.ts';

/** Chroma's own rule. */
const collectionName = /^[a-zA-Z0-9][a-zA-Z0-9._-]{1,510}[a-zA-Z0-9]$/;
const namesPerPage = 500;

/**
 * Chroma's defaults of 100 missed 1.1 % of 1,600 sentences of one pattern that were asked for word by word; these miss 0.13 %, for a
 * query 2 ms longer and 1.5 times the time to fill (docs/performance.md).
 */
const hnsw = { space: 'cosine', ef_construction: 200, ef_search: 200 } as const;

function requireName(collection: string): void {
  if (!collectionName.test(collection)) {
    const rule = 'A collection name has 3 to 512 characters of a-z, A-Z, 0-9, ".", "_" and "-", and a letter or digit at both ends';
    throw new AppError('INVALID_INPUT', `${rule}; got "${collection.slice(0, 80)}".`);
  }
}

function requireFinite(vector: Float32Array): void {
  // One NaN in the graph puts its record among the hits of every query.
  if (vector.length === 0 || !vector.every(Number.isFinite)) {
    throw new AppError('INVALID_INPUT', 'A vector holds at least one number, and finite numbers only.');
  }
}

/**
 * Vectors in a local Chroma: ids, vectors and each record's `fileId`, nothing else. Collections use the cosine space.
 * Besides the port's errors it throws INVALID_INPUT for names, vectors or dimensions that the
 * server would refuse. `details.reason` of INDEX_UNAVAILABLE tells what to do (`IndexUnavailableReason`).
 */
export class ChromaIndex implements VectorIndex {
  readonly #server: ChromaProcess;
  readonly #guard = new CollectionGuard();
  readonly #calls: ChromaCalls;
  /** Server-side ids by name, of one generation of the server. */
  #ids = new Map<string, string>();
  #idsGeneration = 0;

  constructor(server: ChromaProcess, logger: Logger) {
    this.#server = server;
    this.#calls = new ChromaCalls(server, this.#guard);
    server.onExit((isCrash) => {
      if (!isCrash) return this.#guard.endedOtherwise();
      for (const collection of this.#guard.crashed()) {
        logger.error({ collection }, 'the collection crashed the vector index repeatedly and is no longer used');
      }
    });
  }

  state(): VectorIndexState {
    return this.#server.state();
  }

  generation(): number {
    return this.#server.generation();
  }

  whenReady(signal: AbortSignal): Promise<void> {
    return this.#server.whenReady(signal);
  }

  async upsert(collection: string, records: VectorRecord[], signal: AbortSignal): Promise<void> {
    requireName(collection);
    for (const { vector } of records) requireFinite(vector);
    if (records.length === 0) return;
    await this.#calls.onContent(collection, 'upsert', signal, async (client) => {
      for (const batch of writeBatches(records)) {
        await this.#onCollection(client, collection, true, (target) =>
          target.upsert({
            ids: batch.map(({ id }) => id),
            embeddings: batch.map(({ vector }) => Array.from(vector)),
            metadatas: batch.map(({ fileId }) => ({ fileId })),
          }),
        );
      }
    });
  }

  async deleteFile(collection: string, fileId: string, signal: AbortSignal): Promise<void> {
    requireName(collection);
    await this.#calls.onContent(collection, 'deleteFile', signal, (client) =>
      this.#onCollection(client, collection, false, (target) => target.delete({ where: { fileId } })),
    );
  }

  async query(collection: string, vector: Float32Array, k: number, signal: AbortSignal): Promise<VectorHit[]> {
    requireName(collection);
    requireFinite(vector);
    if (k < 1) return [];
    const queryEmbeddings = [Array.from(vector)];
    const result = await this.#calls.onContent(collection, 'query', signal, (client) =>
      this.#onCollection(client, collection, false, (target) =>
        target.query({ queryEmbeddings, nResults: Math.floor(k), include: ['distances'] }),
      ),
    );
    const distances = result?.distances[0] ?? [];
    return (result?.ids[0] ?? []).flatMap((id, place) => {
      const distance = distances[place];
      return typeof distance === 'number' ? [{ id, cosine: Math.max(-1, Math.min(1, 1 - distance)) }] : [];
    });
  }

  async count(collection: string, signal: AbortSignal): Promise<number> {
    requireName(collection);
    const counted = await this.#calls.onContent(collection, 'count', signal, (client) =>
      this.#onCollection(client, collection, false, (target) => target.count()),
    );
    return counted ?? 0;
  }

  /** Works on a collection that is broken or in quarantine, and ends its quarantine. */
  async drop(collection: string, signal: AbortSignal): Promise<void> {
    requireName(collection);
    await this.#calls.onRemoval(collection, signal, (client) => client.deleteCollection({ name: collection }).catch(passMissing));
    this.#cachedIds().delete(collection);
    this.#guard.forget(collection);
  }

  async names(signal: AbortSignal): Promise<string[]> {
    return this.#calls.onCatalog(signal, async (client) => {
      const names: string[] = [];
      for (let offset = 0; ; offset += namesPerPage) {
        const page = await client.listCollections({ limit: namesPerPage, offset });
        names.push(...page.map(({ name }) => name));
        if (page.length < namesPerPage) return names;
      }
    });
  }

  /**
   * The last resort, when `drop` does not help or the server does not start: stops it, deletes its folder, starts it anew.
   * Every collection is gone then; `generation` has risen. Resolves when ready; throws INDEX_UNAVAILABLE when it does not start.
   */
  async wipe(signal: AbortSignal): Promise<void> {
    await this.#server.wipe(signal);
    this.#guard.forgetAll();
  }

  #cachedIds(): Map<string, string> {
    if (this.#idsGeneration !== this.#server.generation()) {
      this.#ids = new Map();
      this.#idsGeneration = this.#server.generation();
    }
    return this.#ids;
  }

  /** Runs on the collection; null when it is missing and not to be made. One that was replaced meanwhile is looked up once more. */
  async #onCollection<T>(client: ChromaClient, name: string, isMade: boolean, run: (target: Collection) => Promise<T>): Promise<T | null> {
    for (let isSecondTry = false; ; isSecondTry = true) {
      const id = this.#cachedIds().get(name) ?? (await this.#lookUp(client, name, isMade));
      if (id === null) return null;
      try {
        return await run(client.collection(id));
      } catch (error) {
        if (!isChromaError(error, 'ChromaNotFoundError')) throw error;
        this.#cachedIds().delete(name);
        if (isSecondTry) throw indexUnavailable('server-error', 'The collection was removed during the call.', { collection: name, cause: error });
      }
    }
  }

  async #lookUp(client: ChromaClient, name: string, isMade: boolean): Promise<string | null> {
    const ids = this.#cachedIds();
    try {
      const { id } = isMade
        ? await client.getOrCreateCollection({ name, embeddingFunction: null, configuration: { hnsw } })
        : await client.getCollection({ name });
      ids.set(name, id);
      return id;
    } catch (error) {
      return passMissing(error);
    }
  }
}

function passMissing(error: unknown): null {
  if (isChromaError(error, 'ChromaNotFoundError')) return null;
  throw error;
}
