import type { VectorIndex } from '../ports/vector-index.ts';

/**
 * Which collections of the vector index may be believed. A restarted server must prove each again (a crash while it wrote
 * its files can lose vectors without an error); what was written in this generation from nothing is proven by its answers.
 */
export interface VectorTrust {
  isProven(collection: string): boolean;
  markProven(collection: string, generation: number): void;
  distrust(collection: string): void;
  /** Every collection that was there at the start of this generation has been looked at; what failed is being rebuilt. */
  finishCheck(generation: number): void;
  isChecked(): boolean;
}

export function createVectorTrust(index: VectorIndex): VectorTrust {
  const provenIn = new Map<string, number>();
  let checkedGeneration = -1;
  return {
    isProven: (collection) => index.state().state === 'ready' && provenIn.get(collection) === index.generation(),
    markProven(collection, generation) {
      provenIn.set(collection, generation);
    },
    finishCheck(generation) {
      checkedGeneration = generation;
    },
    isChecked: () => index.state().state === 'ready' && checkedGeneration === index.generation(),
    distrust(collection) {
      provenIn.delete(collection);
    },
  };
}
