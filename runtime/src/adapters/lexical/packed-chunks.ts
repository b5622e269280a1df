import { unpackTerms } from '../../domain/packed-terms.ts';
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

/** Numbers in a typed array that doubles when it is full. */
class GrowingNumbers {
  #values = new Uint32Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if (this.#length === this.#values.length) {
      const larger = new Uint32Array(2 * this.#values.length);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.#length] = value;
    this.#length += 1;
  }

  toArray(): Uint32Array<ArrayBuffer> {
    return this.#values.slice(0, this.#length);
  }
}

/** Packs chunks; terms that do not occur (count below 1) are left out. */
export function packChunks(chunks: readonly ChunkTerms[]): PackedChunks {
  const indexOfTerm = new Map<string, number>();
  const starts = new Uint32Array(chunks.length + 1);
  const termIndexes = new GrowingNumbers();
  const counts = new GrowingNumbers();
  for (const [ordinal, chunk] of chunks.entries()) {
    for (const [term, count] of unpackTerms(chunk.terms)) {
      if (!(count >= 1)) continue;
      let index = indexOfTerm.get(term);
      if (index === undefined) indexOfTerm.set(term, (index = indexOfTerm.size));
      termIndexes.push(index);
      counts.push(count);
    }
    starts[ordinal + 1] = counts.length;
  }
  return { chunkIds: chunks.map((chunk) => chunk.chunkId), terms: [...indexOfTerm.keys()], starts, termIndexes: termIndexes.toArray(), counts: counts.toArray() };
}
