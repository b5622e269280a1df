import type { TermCounts } from '../../domain/chunk.ts';
import type { FileVersion } from '../../ports/chunk-store.ts';
import type { LexicalHit } from '../../ports/lexical-index.ts';
import { inverseDocumentFrequency } from './bm25.ts';
import type { PackedChunks } from './packed-chunks.ts';
import { at, buildSegment, mergeSegments } from './segment.ts';
import type { Segment } from './segment.ts';
import { SearchScratch, findPostings, searchSegment } from './segment-search.ts';
import type { WeightedTerm } from './segment-search.ts';
import { TopK } from './top-k.ts';

/** Where a file's chunks are: `count` of them from `first` in a segment. */
export type FileEntry = { version: number; segment: Segment | null; first: number; count: number };

/** The state of a collection's index, as it is written to disk. */
export type CollectionState = { termNames: string[]; segments: Segment[]; files: Map<string, FileEntry> };

/** So many segments of one size class are merged into one of the next, so that a posting is moved a few times in its life. */
const SEGMENTS_PER_CLASS = 8;

/** Segments that are smaller in all are not worth rewriting for their tombstones. */
const MIN_CHUNKS_TO_COMPACT = 64;

const scratch = new SearchScratch();

/**
 * BM25 index of one collection. A file becomes a segment of its own; segments of like size are merged; a removed chunk is a tombstone
 * until a merge. Scores do not depend on that history: the same files give the same hits however they came in.
 */
export class CollectionIndex {
  readonly #termNames: string[];
  readonly #termIds: Map<string, number>;
  readonly #files: Map<string, FileEntry>;
  #segments: Segment[];
  #chunkCount = 0;
  #totalLength = 0;

  constructor(state: CollectionState = { termNames: [], segments: [], files: new Map() }) {
    this.#termNames = state.termNames;
    this.#termIds = new Map(state.termNames.map((name, id) => [name, id]));
    this.#segments = state.segments;
    this.#files = state.files;
    for (const segment of state.segments) this.#count(segment, 0, segment.chunkIds.length, 1);
  }

  files(): FileVersion[] {
    return Array.from(this.#files, ([fileId, { version }]) => ({ fileId, version }));
  }

  /** A view for writing to disk: tombstones and tables are copied, the rest of a segment never changes. */
  snapshot(): CollectionState {
    const copyOf = new Map(this.#segments.map((segment) => [segment, { ...segment, dead: segment.dead.slice() }]));
    const files = new Map(Array.from(this.#files, ([fileId, entry]) => [fileId, { ...entry, segment: (entry.segment && copyOf.get(entry.segment)) ?? null }]));
    return { termNames: [...this.#termNames], segments: [...copyOf.values()], files };
  }

  addFile(file: FileVersion, packed: PackedChunks): void {
    this.removeFile(file.fileId);
    const count = packed.chunkIds.length;
    if (count === 0) {
      this.#files.set(file.fileId, { version: file.version, segment: null, first: 0, count: 0 });
      return;
    }
    const segment = buildSegment(file.fileId, packed, this.#idsOf(packed.terms));
    this.#files.set(file.fileId, { version: file.version, segment, first: 0, count });
    this.#segments.push(segment);
    this.#count(segment, 0, count, 1);
    this.#mergeClasses();
  }

  /** False when the collection does not hold the file. */
  removeFile(fileId: string): boolean {
    const entry = this.#files.get(fileId);
    if (entry === undefined) return false;
    this.#files.delete(fileId);
    const { segment, first, count } = entry;
    if (segment === null) return true;
    this.#count(segment, first, first + count, -1);
    segment.dead.fill(1, first, first + count);
    segment.deadCount += count;
    if (segment.deadCount === segment.chunkIds.length) this.#segments = this.#segments.filter((other) => other !== segment);
    else if (segment.chunkIds.length >= MIN_CHUNKS_TO_COMPACT && segment.deadCount * 3 > segment.chunkIds.length) this.#merge([segment]);
    return true;
  }

  search(query: TermCounts, k: number): LexicalHit[] {
    const best = new TopK(k);
    const terms = this.#weigh(query);
    const averageLength = this.#totalLength / this.#chunkCount;
    const largestFirst = [...this.#segments].sort((a, b) => b.chunkIds.length - a.chunkIds.length);
    for (const segment of largestFirst) searchSegment(segment, terms, averageLength, scratch, best, k);
    return best.sorted();
  }

  /** Heaviest first; equal weights by term, so that sums are formed in one order whatever the term ids are. */
  #weigh(query: TermCounts): WeightedTerm[] {
    const weighted: Array<WeightedTerm & { term: string }> = [];
    for (const [term, count] of query) {
      const termId = this.#termIds.get(term);
      if (termId === undefined) continue;
      const frequency = this.#documentFrequency(termId);
      if (frequency > 0 && count > 0) weighted.push({ term, termId, weight: count * inverseDocumentFrequency(this.#chunkCount, frequency) });
    }
    return weighted.sort((a, b) => b.weight - a.weight || (a.term < b.term ? -1 : 1));
  }

  #documentFrequency(termId: number): number {
    let frequency = 0;
    for (const segment of this.#segments) {
      const postings = findPostings(segment, termId);
      if (postings === undefined) continue;
      frequency += postings.to - postings.from;
      if (segment.deadCount === 0) continue;
      for (let index = postings.from; index < postings.to; index += 1) frequency -= at(segment.dead, at(segment.docs, index));
    }
    return frequency;
  }

  #idsOf(terms: readonly string[]): Uint32Array {
    const ids = new Uint32Array(terms.length);
    for (let index = 0; index < terms.length; index += 1) {
      const term = terms[index] ?? '';
      let termId = this.#termIds.get(term);
      if (termId === undefined) {
        termId = this.#termNames.push(term) - 1;
        this.#termIds.set(term, termId);
      }
      ids[index] = termId;
    }
    return ids;
  }

  #count(segment: Segment, from: number, to: number, sign: 1 | -1): void {
    for (let doc = from; doc < to; doc += 1) {
      if (segment.dead[doc] === 1) continue;
      this.#chunkCount += sign;
      this.#totalLength += sign * at(segment.lengths, doc);
    }
  }

  #mergeClasses(): void {
    for (;;) {
      const classes = Map.groupBy(this.#segments, (segment) => Math.floor(Math.log2(segment.docs.length + 1) / Math.log2(SEGMENTS_PER_CLASS)));
      const full = [...classes.values()].find((segments) => segments.length >= SEGMENTS_PER_CLASS);
      if (full === undefined) return;
      this.#merge(full);
    }
  }

  #merge(segments: readonly Segment[]): void {
    const { merged, moved } = mergeSegments(segments);
    for (const [index, segment] of segments.entries()) {
      for (const fileId of segment.fileIds) {
        const entry = this.#files.get(fileId);
        if (entry?.segment !== segment) continue;
        this.#files.set(fileId, { ...entry, segment: merged, first: at(moved[index] ?? new Int32Array(0), entry.first) });
      }
    }
    merged.fileIds = [...new Set(merged.fileIds)].filter((fileId) => this.#files.get(fileId)?.segment === merged);
    this.#segments = [...this.#segments.filter((segment) => !segments.includes(segment)), merged];
  }
}
