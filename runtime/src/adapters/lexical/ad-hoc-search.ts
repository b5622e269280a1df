import { setImmediate } from 'node:timers/promises';
import type { TermCounts } from '../../domain/chunk.ts';
import { unpackTerms } from '../../domain/packed-terms.ts';
import type { ChunkTerms } from '../../ports/chunk-store.ts';
import type { LexicalHit } from '../../ports/lexical-index.ts';
import { inverseDocumentFrequency, termFactor } from './bm25.ts';
import { TopK } from './top-k.ts';

/** After so many characters of terms the event loop gets a turn (a few milliseconds). */
const CHARS_PER_TURN = 300_000;

type MatchedChunk = { chunkId: string; length: number; counts: Uint32Array };

/**
 * BM25 over just these chunks, in one pass over their terms: sending them to the worker would cost more than scoring them here.
 * Rejects with the signal's reason.
 */
export async function searchAdHoc(chunks: readonly ChunkTerms[], query: TermCounts, k: number, signal: AbortSignal): Promise<LexicalHit[]> {
  signal.throwIfAborted();
  const indexOfTerm = new Map(query.map(([term], index) => [term, index]));
  const frequencies = new Uint32Array(query.length);
  const matched: MatchedChunk[] = [];
  let totalLength = 0;
  let charsInTurn = 0;
  for (const chunk of chunks) {
    const match = matchChunk(chunk, indexOfTerm);
    totalLength += match.length;
    for (const [index, count] of match.counts.entries()) if (count > 0) frequencies[index] = (frequencies[index] ?? 0) + 1;
    matched.push(match);
    charsInTurn += chunk.terms.length;
    if (charsInTurn < CHARS_PER_TURN) continue;
    charsInTurn = 0;
    await setImmediate();
    signal.throwIfAborted();
  }
  const weights = query.map(([, count], index) => count * inverseDocumentFrequency(chunks.length, frequencies[index] ?? 0));
  const best = new TopK(k);
  for (const match of matched) {
    const score = scoreChunk(match, weights, totalLength / chunks.length);
    if (score > 0) best.offer(score, match.chunkId);
  }
  return best.sorted();
}

function matchChunk(chunk: ChunkTerms, indexOfTerm: ReadonlyMap<string, number>): MatchedChunk {
  const counts = new Uint32Array(indexOfTerm.size);
  let length = 0;
  for (const [term, count] of unpackTerms(chunk.terms)) {
    length += count;
    const index = indexOfTerm.get(term);
    if (index !== undefined) counts[index] = (counts[index] ?? 0) + count;
  }
  return { chunkId: chunk.chunkId, length, counts };
}

function scoreChunk(match: MatchedChunk, weights: readonly number[], averageLength: number): number {
  let score = 0;
  for (const [index, count] of match.counts.entries()) {
    if (count > 0) score += (weights[index] ?? 0) * termFactor(count, match.length, averageLength);
  }
  return score;
}
