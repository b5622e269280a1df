import type { Reading } from './sighting';

/** What is remembered of a list, as far as a look has to know it. */
interface Known {
	has(id: string): boolean;
	keys(): IterableIterator<string>;
}

function misses(reading: Reading, known: Known): boolean {
	return [...known.keys()].some((id) => !reading.sightings.has(id));
}

/**
 * A look at a list whose gaps can be trusted. While a long list is read page by page, entries move up when
 * others are deleted, and one can slip through; so where a known file is missing the list is read again,
 * and only what neither reading has is gone.
 */
export async function lookSurely(read: () => Promise<Reading>, known: Known): Promise<Reading> {
	const first = await read();
	if (first.isAtomic || !misses(first, known)) return first;
	const second = await read();
	return { ...second, sightings: new Map([...first.sightings, ...second.sightings]) };
}
