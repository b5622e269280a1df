import type { IExecuteFunctions } from 'n8n-workflow';

import { itemNames } from '../shared/itemNames';

/** Tells for which items nothing was found: without it a branch that ends for want of items looks like a fault. */
export function hintAtNothing(context: IExecuteFunctions, itemIndexes: number[]): void {
	if (itemIndexes.length === 0 || typeof context.addExecutionHints !== 'function') return;
	context.addExecutionHints({
		message: `${itemNames(itemIndexes)}: no passage was found for the query. To go on with an empty list, set Options > Output to One Item per Query.`,
		location: 'outputPane',
		type: 'info',
	});
}
