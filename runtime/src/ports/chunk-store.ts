import type { Chunk } from '../domain/chunk.ts';
import type { ProfileKey } from '../domain/embedding-profile.ts';
import type { PackedTerms } from '../domain/packed-terms.ts';

/** A file at one version: what an index holds or should hold. */
export type FileVersion = { fileId: string; version: number };
export type ChunkTerms = { chunkId: string; terms: PackedTerms };
export type ChunkVector = { chunkId: string; fileId: string; vector: Float32Array };

/** Chunks, their terms and their embeddings: the truth that every index is rebuilt from. */
export interface ChunkStore {
  /** In the order of `ids`; ids of chunks that no longer exist, or belong to a hidden file, are left out. */
  byIds(ids: readonly string[]): Promise<Chunk[]>;
  /** All chunks of a file's current version in order. */
  ofFile(fileId: string): Promise<Chunk[]>;
  /** Terms of the chunks of these files' given versions; call with few files at a time (memory). */
  terms(files: readonly FileVersion[]): Promise<Array<ChunkTerms & { fileId: string }>>;
  /** Distinct texts of a file's current version that have no embedding under the profile, at most `limit`. */
  textsWithoutEmbedding(fileId: string, profile: ProfileKey, limit: number): Promise<Array<{ textHash: string; text: string }>>;
  /** Stores embeddings; a second write of the same (textHash, profile) changes nothing. Durable when it resolves. */
  saveEmbeddings(profile: ProfileKey, embeddings: Array<{ textHash: string; vector: Float32Array }>): Promise<void>;
  /** Vectors of a file's given version under the profile in chunk order, `limit` from `offset`. */
  vectors(file: FileVersion, profile: ProfileKey, offset: number, limit: number): Promise<ChunkVector[]>;
  /** Exact scan: cosine of `query` with every embedded chunk of these files, best `k` first. Does not delay writers. */
  nearest(fileIds: readonly string[], profile: ProfileKey, query: Float32Array, k: number): Promise<Array<{ chunkId: string; cosine: number }>>;
  /** Cosine of `query` with just these chunks; chunks without an embedding under the profile are left out. */
  cosines(chunkIds: readonly string[], profile: ProfileKey, query: Float32Array): Promise<Array<{ chunkId: string; cosine: number }>>;
  /** How many chunks of these file versions have an embedding under the profile: what an index of them should count. */
  countVectors(files: readonly FileVersion[], profile: ProfileKey): Promise<number>;
  /** Up to `count` chunks with vectors spread over these files: the probes of the searchable check. */
  sampleVectors(files: readonly FileVersion[], profile: ProfileKey, count: number): Promise<ChunkVector[]>;
  /** Ids of completed files with at least one chunk that has no embedding under the profile (after a change of model). */
  filesWithoutEmbeddings(profile: ProfileKey, limit: number): Promise<string[]>;
}
