import type { ChunkTerms } from '../../ports/chunk-store.ts';

/**
 * A file's chunks in a form that crosses to the worker cheaply: each distinct term once, and for every chunk the range
 * `starts[i]`..`starts[i + 1]` of (term index, count) in two typed arrays.
 */
export type PackedChunks = {
  chunkIds: string[];
  terms: string[];
  starts: Uint32Array<ArrayBuffer>;
  termIndexes: Uint32Array<ArrayBuffer>;
  counts: Uint32Array<ArrayBuffer>;
};

/** Packs chunks; terms that do not occur (count below 1) are left out. */
export function packChunks(chunks: readonly ChunkTerms[]): PackedChunks {
  const indexOfTerm = new Map<string, number>();
  const size = chunks.reduce((sum, chunk) => sum + chunk.terms.length, 0);
  const starts = new Uint32Array(chunks.length + 1);
  const termIndexes = new Uint32Array(size);
  const counts = new Uint32Array(size);
  let end = 0;
  for (const [ordinal, chunk] of chunks.entries()) {
    for (const [term, count] of chunk.terms) {
      if (!(count >= 1)) continue;
      let index = indexOfTerm.get(term);
      if (index === undefined) indexOfTerm.set(term, (index = indexOfTerm.size));
      termIndexes[end] = index;
      counts[end] = count;
      end += 1;
    }
    starts[ordinal + 1] = end;
  }
  return { chunkIds: chunks.map((chunk) => chunk.chunkId), terms: [...indexOfTerm.keys()], starts, termIndexes, counts };
}
