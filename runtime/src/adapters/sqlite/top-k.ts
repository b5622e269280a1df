export type TopK<T> = {
  /** Cheap test before an item is made. */
  accepts(score: number): boolean;
  add(score: number, item: T): void;
  /** Best first; equal scores in the order they came. */
  best(): Array<{ score: number; item: T }>;
};

/** Keeps the `k` best of many scored items, sorted; `k` is small, so insertion beats a heap. */
export function createTopK<T>(k: number): TopK<T> {
  const kept: Array<{ score: number; item: T }> = [];
  return {
    accepts: (score) => k > 0 && (kept.length < k || score > (kept[kept.length - 1]?.score ?? -Infinity)),
    add: (score, item) => {
      let low = 0;
      let high = kept.length;
      while (low < high) {
        const middle = (low + high) >> 1;
        if ((kept[middle]?.score ?? -Infinity) >= score) low = middle + 1;
        else high = middle;
      }
      kept.splice(low, 0, { score, item });
      if (kept.length > k) kept.pop();
    },
    best: () => kept,
  };
}
