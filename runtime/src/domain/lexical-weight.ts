import type { EmbeddingProfile } from './embedding-profile.ts';
import { DEFAULT_LEXICAL_WEIGHT } from './rank.ts';

/** Vectors of words say little that the words' own index does not say better: 0.9 is the best weight on both sets (docs/retrieval.md). */
const WEIGHT_BESIDE_LEXICAL_VECTORS = 0.9;

/** The weight of the words in `fuse` for this model's vectors when RAG_HYBRID_BM25_WEIGHT is not set. */
export function defaultLexicalWeight(profile: EmbeddingProfile): number {
  return profile.model === 'builtin/lexical-embed' ? WEIGHT_BESIDE_LEXICAL_VECTORS : DEFAULT_LEXICAL_WEIGHT;
}
