import { boundaryBefore, isBlank, isSafeCut, safeCut } from './text-boundary.ts';
import type { BoundaryLevel } from './text-boundary.ts';
import type { TextSection } from './text-sections.ts';

/** A chunk before it has a hash and terms; `text` is exactly the whole text between the offsets. */
export type ChunkSpan = {
  text: string;
  startOffset: number;
  endOffset: number;
  page: number | null;
  heading: string | null;
};

export type ChunkSizes = {
  /** Most UTF-16 units of a chunk. Values under 2 count as 2: a surrogate pair is never split. */
  chunkSizeChars: number;
  /** Most units that a chunk repeats from the one before; at most half of the size is used. */
  chunkOverlapChars: number;
};

/** Open WebUI's defaults (CHUNK_SIZE, CHUNK_OVERLAP). */
export const DEFAULT_CHUNK_SIZES: ChunkSizes = { chunkSizeChars: 1000, chunkOverlapChars: 100 };

/**
 * Splits each section into chunks: at the best boundary (paragraph, line, sentence, clause, space, character) in the
 * second half of what fits. A section that fits is one chunk; a chunk never leaves its section, is never blank, starts
 * and ends with a visible character; a remainder of one and a half chunks is divided evenly rather than leaving a scrap.
 * Linear in the text's length. Yields in the order of the text, so that a caller can stop at its limit.
 */
export function* chunkText(text: string, sections: readonly TextSection[], sizes: ChunkSizes): Generator<ChunkSpan> {
  const size = Math.max(2, Math.floor(sizes.chunkSizeChars));
  // Below 4 units an overlap could leave no room for a surrogate pair.
  const overlap = size < 4 ? 0 : Math.max(0, Math.min(Math.floor(sizes.chunkOverlapChars), Math.floor(size / 2)));
  for (const section of sections) {
    for (const [startOffset, endOffset] of spans(text, section, size, overlap)) {
      yield { text: text.slice(startOffset, endOffset), startOffset, endOffset, page: section.page, heading: section.heading };
    }
  }
}

function* spans(text: string, section: TextSection, size: number, overlap: number): Generator<[number, number]> {
  const last = trimEnd(text, section.startOffset, section.endOffset);
  let start = trimStart(text, section.startOffset, last);
  let covered = start;
  while (start < last) {
    const remaining = last - start;
    if (remaining <= size) {
      yield [start, last];
      return;
    }
    const reach = start + Math.min(size, Math.ceil(remaining * 0.6));
    const cut = findCut(text, Math.max(start, covered), reach);
    const end = trimEnd(text, start, cut);
    if (end > covered) yield [start, end];
    covered = cut;
    start = trimStart(text, overlapStart(text, start, cut, overlap), last);
  }
}

/** The best cut in the second half of (done, reach]: the latest one of the best level. */
function findCut(text: string, done: number, reach: number): number {
  const floor = done + Math.floor((reach - done) / 2);
  let best = -1;
  let bestLevel: BoundaryLevel | 5 = 5;
  for (let at = reach; at > floor && bestLevel !== 0; at -= 1) {
    const level = boundaryBefore(text, at);
    if (level === null || level >= bestLevel) continue;
    best = at;
    bestLevel = level;
  }
  return safeCut(text, best === -1 ? reach : best, done);
}

/** Where the next chunk begins: at the first sentence or else word within the last `overlap` units before the cut. */
function overlapStart(text: string, start: number, cut: number, overlap: number): number {
  if (overlap === 0) return cut;
  const from = Math.max(start + 1, cut - overlap);
  let word = -1;
  for (let at = from; at < cut; at += 1) {
    const level = boundaryBefore(text, at);
    if (level === null || isBlank(text.charAt(at))) continue;
    if (level <= 2) return at;
    if (word === -1) word = at;
  }
  if (word !== -1) return word;
  for (let at = from; at < Math.min(cut, from + 32); at += 1) {
    if (isSafeCut(text, at)) return at;
  }
  return cut;
}

function trimStart(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit && isBlank(text.charAt(at))) at += 1;
  return at;
}

function trimEnd(text: string, floor: number, from: number): number {
  let at = from;
  while (at > floor && isBlank(text.charAt(at - 1))) at -= 1;
  return at;
}
