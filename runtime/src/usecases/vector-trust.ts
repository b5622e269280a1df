import type { VectorIndex } from '../ports/vector-index.ts';

/**
 * Which collections of the vector index may be believed. A restarted server must prove each again (a crash while it wrote
 * its files can lose vectors without an error); what was written in this generation from nothing is proven by its answers.
 */
export interface VectorTrust {
  isProven(collection: string): boolean;
  markProven(collection: string, generation: number): void;
  distrust(collection: string): void;
}

export function createVectorTrust(index: VectorIndex): VectorTrust {
  const provenIn = new Map<string, number>();
  return {
    isProven: (collection) => index.state().state === 'ready' && provenIn.get(collection) === index.generation(),
    markProven(collection, generation) {
      provenIn.set(collection, generation);
    },
    distrust(collection) {
      provenIn.delete(collection);
    },
  };
}
