/**
 * BM25 (Robertson and Zaragoza, 2009). k1 says how soon further occurrences of a term stop counting, b how much a long chunk is
 * held back. Chosen on Cranfield and JSQuAD, see docs/retrieval.md: the usual 1.2 and 0.75 are within the noise of the best.
 */
export const BM25_K1 = 1.2;
export const BM25_B = 0.75;

/** Inverse document frequency in the form that is never negative. */
export function inverseDocumentFrequency(chunkCount: number, documentFrequency: number): number {
  return Math.log(1 + (chunkCount - documentFrequency + 0.5) / (documentFrequency + 0.5));
}

/** What `count` occurrences in a chunk of `length` terms are worth, as a factor below k1 + 1 on the term's weight. */
export function termFactor(count: number, length: number, averageLength: number): number {
  return (count * (BM25_K1 + 1)) / (count + BM25_K1 * (1 - BM25_B + (BM25_B * length) / averageLength));
}
