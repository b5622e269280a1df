export type VectorRecord = { id: string; fileId: string; vector: Float32Array };
export type VectorHit = { id: string; cosine: number };
export type VectorIndexState = { state: 'starting' | 'ready' | 'unavailable'; reason: string | null };

/**
 * Approximate nearest neighbours by cosine; a rebuildable index, never the truth: it may lose or keep too much after a crash.
 * Every call throws INDEX_UNAVAILABLE (retryable) while the index is not reachable.
 */
export interface VectorIndex {
  state(): VectorIndexState;
  /** Rises each time the server behind it was started anew: what was proven of its collections must be proven again. */
  generation(): number;
  /** Resolves when ready; throws INDEX_UNAVAILABLE when it gave up, or the signal's abort. */
  whenReady(signal: AbortSignal): Promise<void>;
  /** Idempotent by id; creates the collection (cosine) when missing. Splits large writes itself. */
  upsert(collection: string, records: VectorRecord[], signal: AbortSignal): Promise<void>;
  deleteFile(collection: string, fileId: string, signal: AbortSignal): Promise<void>;
  /** Best `k`, best first; [] for a missing collection. */
  query(collection: string, vector: Float32Array, k: number, signal: AbortSignal): Promise<VectorHit[]>;
  /** Vectors the server believes to hold; 0 for a missing collection. */
  count(collection: string, signal: AbortSignal): Promise<number>;
  drop(collection: string, signal: AbortSignal): Promise<void>;
  names(signal: AbortSignal): Promise<string[]>;
}
