import type { IExecuteFunctions } from 'n8n-workflow';

/** More item numbers would not be read. */
const MAX_NAMED = 10;

function namesOf(itemIndexes: number[]): string {
	const sorted = [...itemIndexes].sort((a, b) => a - b);
	const named = sorted.slice(0, MAX_NAMED).join(', ');
	const more = sorted.length - MAX_NAMED;
	return `Item${sorted.length > 1 ? 's' : ''} ${named}${more > 0 ? ` and ${more} more` : ''}`;
}

/** Tells for which items nothing was found: without it a branch that ends for want of items looks like a fault. */
export function hintAtNothing(context: IExecuteFunctions, itemIndexes: number[]): void {
	if (itemIndexes.length === 0 || typeof context.addExecutionHints !== 'function') return;
	context.addExecutionHints({
		message: `${namesOf(itemIndexes)}: no passage was found for the query. To go on with an empty list, set Options > Output to One Item per Query.`,
		location: 'outputPane',
		type: 'info',
	});
}
