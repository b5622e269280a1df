import type { Json } from '../../../domain/json.ts';

/** Deeper answers cannot be written out again (JSON.stringify overflows its stack near 10,000); no real one passes 20. */
const MAX_DEPTH = 200;

function isShallow(value: Json, depthLeft: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depthLeft === 0) return false;
  const children = Array.isArray(value) ? value : Object.values(value);
  // Embeddings are long lists of numbers: their first item tells that there is nothing to descend into.
  if (Array.isArray(value) && typeof value[0] === 'number') return value.every((item) => typeof item !== 'object');
  return children.every((child) => isShallow(child, depthLeft - 1));
}

/** The parsed value, or undefined for what is not JSON or is nested beyond use. */
export function parseJson(text: string): Json | undefined {
  try {
    const value = JSON.parse(text) as Json;
    return isShallow(value, MAX_DEPTH) ? value : undefined;
  } catch {
    return undefined;
  }
}
