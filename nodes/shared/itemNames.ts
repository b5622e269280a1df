/** More item numbers would not be read. */
const MAX_NAMED = 10;

/** The items of a hint, such as "Items 0, 3, 4". */
export function itemNames(itemIndexes: number[]): string {
	const sorted = [...itemIndexes].sort((a, b) => a - b);
	const named = sorted.slice(0, MAX_NAMED).join(', ');
	const more = sorted.length - MAX_NAMED;
	return `Item${sorted.length > 1 ? 's' : ''} ${named}${more > 0 ? ` and ${more} more` : ''}`;
}
