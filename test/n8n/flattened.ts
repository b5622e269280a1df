/**
 * The value that n8n keeps as a flat list: the first entry is the value, and each string inside of an object or
 * array is the number of the entry that belongs there.
 */
export function unflattened(text: string): unknown {
  const entries = JSON.parse(text) as unknown[];
  const known = new Map<number, unknown>();
  const entryAt = (index: number): unknown => {
    const entry = entries[index];
    if (typeof entry !== 'object' || entry === null) return entry;
    if (known.has(index)) return known.get(index);
    const value: Record<string, unknown> = Array.isArray(entry) ? ([] as unknown as Record<string, unknown>) : {};
    known.set(index, value);
    for (const [key, inner] of Object.entries(entry)) value[key] = typeof inner === 'string' ? entryAt(Number(inner)) : inner;
    return value;
  };
  return entryAt(0);
}
