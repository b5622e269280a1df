import type { VectorIndex } from '../ports/vector-index.ts';

/** VECTOR_DB=none: nothing is indexed, so every search compares the stored vectors exactly. Writes succeed and do nothing. */
export function createNoVectorIndex(): VectorIndex {
  const nothing = async (): Promise<void> => undefined;
  return {
    state: () => ({ state: 'unavailable', reason: 'VECTOR_DB is none.' }),
    generation: () => 0,
    whenReady: (signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
    upsert: nothing,
    deleteFile: nothing,
    query: async () => [],
    count: async () => 0,
    drop: nothing,
    names: async () => [],
  };
}
