import type { PackedChunks } from './packed-chunks.ts';

/**
 * Postings of some chunks, never changed but for the tombstones. The postings of `termIds[i]` (ascending) are the range
 * `starts[i]`..`starts[i + 1]` of `docs` (ascending positions in `chunkIds`) and `counts` (at most 255: BM25 is flat long before).
 */
export type Segment = {
  fileIds: string[];
  chunkIds: string[];
  /** Terms in each chunk, repetitions counted. */
  lengths: Uint32Array<ArrayBuffer>;
  /** 1 for a removed chunk. */
  dead: Uint8Array<ArrayBuffer>;
  deadCount: number;
  termIds: Uint32Array<ArrayBuffer>;
  starts: Uint32Array<ArrayBuffer>;
  docs: Uint32Array<ArrayBuffer>;
  counts: Uint8Array<ArrayBuffer>;
};

const MAX_COUNT = 255;

/** A segment of one file's chunks; `termIdOf[i]` is the collection's id for the packed chunks' term i. */
export function buildSegment(fileId: string, packed: PackedChunks, termIdOf: Uint32Array): Segment {
  const chunkCount = packed.chunkIds.length;
  const size = packed.starts[chunkCount] ?? 0;
  const localByTermId = Array.from(termIdOf.keys()).sort((a, b) => at(termIdOf, a) - at(termIdOf, b));
  const { starts, next } = postingRanges(packed.termIndexes.subarray(0, size), localByTermId);
  const segment: Segment = {
    fileIds: [fileId],
    chunkIds: packed.chunkIds,
    lengths: new Uint32Array(chunkCount),
    dead: new Uint8Array(chunkCount),
    deadCount: 0,
    termIds: Uint32Array.from(localByTermId, (local) => at(termIdOf, local)),
    starts,
    docs: new Uint32Array(size),
    counts: new Uint8Array(size),
  };
  for (let doc = 0; doc < chunkCount; doc += 1) {
    let length = 0;
    for (let entry = at(packed.starts, doc); entry < at(packed.starts, doc + 1); entry += 1) {
      const local = at(packed.termIndexes, entry);
      const position = at(next, local);
      next[local] = position + 1;
      segment.docs[position] = doc;
      segment.counts[position] = Math.min(at(packed.counts, entry), MAX_COUNT);
      length += at(packed.counts, entry);
    }
    segment.lengths[doc] = length;
  }
  return segment;
}

/** Where each term's postings begin, in the order of term ids (`starts`) and by the packed chunks' term index (`next`). */
function postingRanges(termIndexes: Uint32Array, localByTermId: readonly number[]) {
  const frequency = new Uint32Array(localByTermId.length);
  for (const local of termIndexes) frequency[local] = at(frequency, local) + 1;
  const starts = new Uint32Array(localByTermId.length + 1);
  const next = new Uint32Array(localByTermId.length);
  for (const [rank, local] of localByTermId.entries()) {
    next[local] = at(starts, rank);
    starts[rank + 1] = at(starts, rank) + at(frequency, local);
  }
  return { starts, next };
}

/** One segment with the living chunks of all, in their order. `moved` tells where a living chunk of `segments[i]` is now. */
export function mergeSegments(segments: readonly Segment[]): { merged: Segment; moved: Int32Array[] } {
  const { moved, chunkIds, lengths } = moveLivingChunks(segments);
  const termIds = distinctSorted(segments.map((segment) => segment.termIds));
  const capacity = segments.reduce((sum, segment) => sum + segment.docs.length, 0);
  const docs = new Uint32Array(capacity);
  const counts = new Uint8Array(capacity);
  const keptTermIds = new Uint32Array(termIds.length);
  const starts = new Uint32Array(termIds.length + 1);
  const cursors = new Uint32Array(segments.length);
  let end = 0;
  let kept = 0;
  for (const termId of termIds) {
    for (let index = 0; index < segments.length; index += 1) {
      const segment = segments[index];
      const cursor = at(cursors, index);
      if (segment?.termIds[cursor] !== termId) continue;
      cursors[index] = cursor + 1;
      const newPosition = moved[index] ?? new Int32Array(0);
      const stop = at(segment.starts, cursor + 1);
      for (let posting = at(segment.starts, cursor); posting < stop; posting += 1) {
        const doc = at(newPosition, at(segment.docs, posting));
        if (doc < 0) continue;
        docs[end] = doc;
        counts[end] = at(segment.counts, posting);
        end += 1;
      }
    }
    if (end === at(starts, kept)) continue;
    keptTermIds[kept] = termId;
    kept += 1;
    starts[kept] = end;
  }
  const merged: Segment = {
    fileIds: segments.flatMap((segment) => segment.fileIds),
    chunkIds,
    lengths,
    dead: new Uint8Array(chunkIds.length),
    deadCount: 0,
    termIds: keptTermIds.slice(0, kept),
    starts: starts.slice(0, kept + 1),
    docs: docs.slice(0, end),
    counts: counts.slice(0, end),
  };
  return { merged, moved };
}

function moveLivingChunks(segments: readonly Segment[]) {
  const chunkIds: string[] = [];
  const lengths: number[] = [];
  const moved = segments.map((segment) => {
    const newPosition = new Int32Array(segment.chunkIds.length).fill(-1);
    for (const [doc, chunkId] of segment.chunkIds.entries()) {
      if (segment.dead[doc] === 1) continue;
      newPosition[doc] = chunkIds.length;
      chunkIds.push(chunkId);
      lengths.push(at(segment.lengths, doc));
    }
    return newPosition;
  });
  return { moved, chunkIds, lengths: Uint32Array.from(lengths) };
}

function distinctSorted(lists: readonly Uint32Array[]): Uint32Array {
  const all = new Uint32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  all.sort();
  let kept = 0;
  for (const value of all) {
    if (kept > 0 && all[kept - 1] === value) continue;
    all[kept] = value;
    kept += 1;
  }
  return all.subarray(0, kept);
}

/** An element that is known to be there. */
export function at(array: Uint32Array | Int32Array | Uint8Array | Float64Array, index: number): number {
  return array[index] ?? 0;
}
