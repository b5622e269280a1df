import type { IExecuteFunctions } from 'n8n-workflow';

import { BLANK_ROW_REMARK } from '../shared/chosenDocuments';
import { itemNames } from '../shared/itemNames';

/** Items of which something is worth knowing although they did not fail. */
export interface NotedItems {
	/** Nothing was found: without a word a branch that ends for want of items looks like a fault. */
	withoutPassages: number[];
	/** A row for a knowledge base or a file was empty. */
	withBlankRow: number[];
}

/** Shows in the editor what is easily overlooked in a search, each thing once. */
export function hintAtSearches(context: IExecuteFunctions, noted: NotedItems): void {
	if (typeof context.addExecutionHints !== 'function') return;
	const hint = (itemIndexes: number[], remark: string, type: 'info' | 'warning'): void => {
		if (itemIndexes.length === 0) return;
		const message = `${itemNames(itemIndexes)}: ${remark}`;
		context.addExecutionHints({ message, location: 'outputPane', type });
	};
	hint(noted.withBlankRow, BLANK_ROW_REMARK, 'warning');
	hint(
		noted.withoutPassages,
		'no passage was found for the query. To go on with an empty list, set Options > Output to One Item per Query.',
		'info',
	);
}
