/** A sequence of chance that a seed repeats. */
export type Random = {
  /** From 0 up to but not including `below`. */
  integer(below: number): number;
  isTrue(probability: number): boolean;
  pick<T>(items: readonly T[]): T | undefined;
};

/** A linear congruential generator with the constants of Numerical Recipes; the upper bits are used. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) / 2 ** 24;
  };
  return {
    integer: (below) => Math.floor(next() * below),
    isTrue: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)],
  };
}
