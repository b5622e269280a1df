import type { IExecuteFunctions } from 'n8n-workflow';

import type { HintWeight } from './hints';
import { addHint } from './hints';
import { itemNames } from './itemNames';

/** What is worth knowing about the items of a run although they did not fail. */
export class Remarks {
	private readonly itemsOf = new Map<string, { weight: HintWeight; itemIndexes: number[] }>();

	/** Notes sentences about an item. Each begins in lower case: it is shown after the item's number. */
	note(sentences: string[], itemIndex: number, weight: HintWeight = 'warning'): void {
		for (const sentence of sentences) {
			const known = this.itemsOf.get(sentence);
			if (known) known.itemIndexes.push(itemIndex);
			else this.itemsOf.set(sentence, { weight, itemIndexes: [itemIndex] });
		}
	}

	/** Shows each remark once in the editor, with the items that it is about. */
	show(context: IExecuteFunctions): void {
		for (const [sentence, { weight, itemIndexes }] of this.itemsOf) {
			addHint(context, `${itemNames(itemIndexes)}: ${sentence}`, weight);
		}
	}
}
