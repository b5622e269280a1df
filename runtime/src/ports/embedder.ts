import type { EmbeddingProfile, ProfileKey } from '../domain/embedding-profile.ts';

/** Turns texts into vectors, all of one length, normalised to length 1. */
export interface Embedder {
  readonly profile: EmbeddingProfile;
  readonly profileKey: ProfileKey;
  /**
   * Measured cosine below which a hit of this model is noise (source in the adapter); 0 when nothing is known of the model.
   */
  readonly relevanceFloor: number;
  /**
   * In the order of `texts`; splits into batches with bounded concurrency itself. Throws EMBEDDING_FAILED (bad answer: wrong
   * count, wrong or changing dimension, all zero, not finite), UPSTREAM_* with isRetryable set where trying again can help.
   */
  embed(texts: readonly string[], kind: 'query' | 'passage', signal: AbortSignal): Promise<Float32Array[]>;
}
