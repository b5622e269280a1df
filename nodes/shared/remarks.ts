import type { IExecuteFunctions } from 'n8n-workflow';

import { itemNames } from './itemNames';

/** How much a remark matters. */
type Weight = 'info' | 'warning';

/** What is worth knowing about the items of a run although they did not fail. */
export class Remarks {
	private readonly itemsOf = new Map<string, { weight: Weight; itemIndexes: number[] }>();

	/** Notes sentences about an item. Each begins in lower case: it is shown after the item's number. */
	note(sentences: string[], itemIndex: number, weight: Weight = 'warning'): void {
		for (const sentence of sentences) {
			const known = this.itemsOf.get(sentence);
			if (known) known.itemIndexes.push(itemIndex);
			else this.itemsOf.set(sentence, { weight, itemIndexes: [itemIndex] });
		}
	}

	/** Shows each remark once in the editor, with the items that it is about. */
	show(context: IExecuteFunctions): void {
		if (typeof context.addExecutionHints !== 'function') return;
		for (const [sentence, { weight, itemIndexes }] of this.itemsOf) {
			context.addExecutionHints({
				message: `${itemNames(itemIndexes)}: ${sentence}`,
				location: 'outputPane',
				type: weight,
			});
		}
	}
}
