import { BM25_K1, termFactor } from './bm25.ts';
import { at } from './segment.ts';
import type { Segment } from './segment.ts';
import type { TopK } from './top-k.ts';

/** A query term: its id and its weight (inverse document frequency times its count in the query). */
export type WeightedTerm = { termId: number; weight: number };

/** Below so many postings a term is simply scored: finding out whether it could be skipped costs as much. */
const LONG_POSTINGS = 4096;

/** Sums that decide about leaving something out are raised by this, so that rounding never drops a hit. */
const ROUNDING_MARGIN = 1 + 1e-9;

/** Working memory that grows to the largest segment and is all zeros between searches. */
export class SearchScratch {
  scores = new Float64Array(0);
  touched = new Uint32Array(0);

  reserve(chunkCount: number): void {
    if (this.scores.length >= chunkCount) return;
    this.scores = new Float64Array(chunkCount);
    this.touched = new Uint32Array(chunkCount);
  }
}

/** The range of a term's postings, or undefined when no chunk of the segment has it. */
export function findPostings(segment: Segment, termId: number): { from: number; to: number } | undefined {
  const position = lowerBound(segment.termIds, termId, 0, segment.termIds.length);
  if (segment.termIds[position] !== termId) return undefined;
  return { from: at(segment.starts, position), to: at(segment.starts, position + 1) };
}

/**
 * Offers the segment's chunks to `best`. `terms` come heaviest first: once the terms that are left could not lift a chunk without any
 * of the earlier ones over the worst of the best, they only add to chunks that have a score already. The result is exact.
 */
export function searchSegment(segment: Segment, terms: readonly WeightedTerm[], averageLength: number, scratch: SearchScratch, best: TopK, k: number): void {
  scratch.reserve(segment.chunkIds.length);
  let touchedCount = 0;
  let isClosed = false;
  let possible = terms.reduce((sum, term) => sum + term.weight, 0) * (BM25_K1 + 1) * ROUNDING_MARGIN;
  for (const term of terms) {
    const postings = findPostings(segment, term.termId);
    if (postings !== undefined) {
      const isLong = postings.to - postings.from > LONG_POSTINGS;
      isClosed ||= isLong && possible < Math.max(best.threshold, reachedScore(scratch, touchedCount, k));
      if (isClosed) addToTouched(segment, postings, term.weight, averageLength, scratch, touchedCount);
      else touchedCount = addToAll(segment, postings, term.weight, averageLength, scratch, touchedCount);
    }
    possible -= term.weight * (BM25_K1 + 1);
  }
  for (let index = 0; index < touchedCount; index += 1) {
    const doc = at(scratch.touched, index);
    const score = at(scratch.scores, doc);
    scratch.scores[doc] = 0;
    if (score >= best.threshold) best.offer(score, segment.chunkIds[doc] ?? '');
  }
}

function addToAll(
  segment: Segment, postings: { from: number; to: number }, weight: number, averageLength: number, scratch: SearchScratch, touchedBefore: number,
): number {
  const { docs, counts, dead, lengths } = segment;
  const { scores, touched } = scratch;
  let touchedCount = touchedBefore;
  for (let index = postings.from; index < postings.to; index += 1) {
    const doc = at(docs, index);
    if (dead[doc] === 1) continue;
    const before = at(scores, doc);
    if (before === 0) {
      touched[touchedCount] = doc;
      touchedCount += 1;
    }
    scores[doc] = before + weight * termFactor(at(counts, index), at(lengths, doc), averageLength);
  }
  return touchedCount;
}

/** Looks the few scored chunks up in the postings, or walks the postings where that is shorter. */
function addToTouched(
  segment: Segment, postings: { from: number; to: number }, weight: number, averageLength: number, scratch: SearchScratch, touchedCount: number,
): void {
  const { docs, counts, lengths } = segment;
  const { scores, touched } = scratch;
  const size = postings.to - postings.from;
  if (touchedCount * Math.log2(size) * 2 > size) {
    for (let index = postings.from; index < postings.to; index += 1) {
      const doc = at(docs, index);
      const before = at(scores, doc);
      if (before !== 0) scores[doc] = before + weight * termFactor(at(counts, index), at(lengths, doc), averageLength);
    }
    return;
  }
  for (let index = 0; index < touchedCount; index += 1) {
    const doc = at(touched, index);
    const position = lowerBound(docs, doc, postings.from, postings.to);
    if (position === postings.to || docs[position] !== doc) continue;
    scores[doc] = at(scores, doc) + weight * termFactor(at(counts, position), at(lengths, doc), averageLength);
  }
}

/**
 * A score that k chunks of this segment have reached already, or 0. Looks at the first chunks only, those of the heaviest terms: the
 * k-th best of a part is never above that of the whole, so it is safe to decide by.
 */
function reachedScore(scratch: SearchScratch, touchedCount: number, k: number): number {
  const size = Math.min(touchedCount, LONG_POSTINGS);
  if (size < k || k <= 0) return 0;
  const scores = new Float64Array(size);
  for (let index = 0; index < size; index += 1) scores[index] = at(scratch.scores, at(scratch.touched, index));
  return at(scores.sort(), size - k);
}

function lowerBound(array: Uint32Array, value: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (at(array, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
