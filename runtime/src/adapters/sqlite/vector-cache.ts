/** The vectors of one file's stored chunks under one profile, packed in chunk order. */
export type VectorBlock = { version: number; dimensions: number; ordinals: Uint32Array; values: Float32Array };

export type VectorCache = { get(key: string): VectorBlock | undefined; set(key: string, block: VectorBlock): void };

/** Keeps the blocks used last within `maxBytes`. Blocks never change under their key, so nothing is ever invalid in it. */
export function createVectorCache(maxBytes: number): VectorCache {
  const blocks = new Map<string, VectorBlock>();
  let heldBytes = 0;
  const sizeOf = (block: VectorBlock): number => block.values.byteLength + block.ordinals.byteLength;
  return {
    get: (key) => {
      const block = blocks.get(key);
      if (block !== undefined) {
        // A Map iterates in order of insertion: putting it back makes it the youngest.
        blocks.delete(key);
        blocks.set(key, block);
      }
      return block;
    },
    set: (key, block) => {
      if (blocks.has(key) || sizeOf(block) > maxBytes) return;
      blocks.set(key, block);
      heldBytes += sizeOf(block);
      for (const [oldKey, old] of blocks) {
        if (heldBytes <= maxBytes) break;
        blocks.delete(oldKey);
        heldBytes -= sizeOf(old);
      }
    },
  };
}
