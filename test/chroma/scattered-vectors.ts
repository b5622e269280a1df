/** Vectors that do not repeat, the same in every run. */
export function scatteredVectors(count: number, dimensions: number): Float32Array[] {
  let state = 12345;
  const next = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
  return Array.from({ length: count }, () => Float32Array.from({ length: dimensions }, next));
}
