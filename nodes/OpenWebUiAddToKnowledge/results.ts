import type { IExecuteFunctions } from 'n8n-workflow';

import { isCancelled } from '../shared/context';
import type { KnowledgeBase } from '../shared/knowledge';
import { withItemIndex } from '../shared/runItems';
import type { Failure, Outcome } from './outcome';

/** What the run of the node has done so far. */
export class Results {
	readonly outcomes: Outcome[] = [];

	readonly failures: Failure[] = [];

	/** Knowledge bases that were not cleared up, because items failed. */
	readonly removalSkipped = new Set<string>();

	private readonly context: IExecuteFunctions;

	constructor(context: IExecuteFunctions) {
		this.context = context;
	}

	/** Notes a failed item. Throws its error at once when the execution was stopped. */
	fail(failure: Failure): void {
		if (isCancelled(this.context)) {
			throw withItemIndex(this.context, failure.error, failure.itemIndex);
		}
		this.failures.push(failure);
	}

	/** Throws the error of the first failed item, unless the node is set to continue. */
	throwUnlessContinuing(): void {
		if (this.context.continueOnFail()) return;
		const [first] = [...this.failures].sort((a, b) => a.itemIndex - b.itemIndex);
		if (first) throw withItemIndex(this.context, first.error, first.itemIndex);
	}

	/** True when an item failed whose file may belong to the knowledge base. */
	mayMissFilesOf(base: KnowledgeBase): boolean {
		return this.failures.some((failure) => (failure.base?.id ?? base.id) === base.id);
	}
}
