import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { blankChoices, chosenFiles, chosenKnowledge } from '../shared/chosenDocuments';
import type { KnowledgeBase } from '../shared/knowledge';
import { resolveKnowledge } from '../shared/knowledge';
import { readStatus } from '../shared/polling';
import { Remarks } from '../shared/remarks';

/** What one run of the node has learned about the server. */
export class QueryRun {
	readonly remarks = new Remarks();

	private readonly bases = new RunCache<KnowledgeBase>();

	private readonly files = new RunCache<string>();

	/**
	 * The collections that an item is to search, each once: IDs of knowledge bases, and `file-<id>`. All
	 * are looked up once per run, because the search passes over unknown ones in silence. Throws a
	 * NodeApiError with the server's words for an unknown one, a NodeOperationError when none is chosen.
	 */
	async collections(
		context: IExecuteFunctions,
		options: IDataObject,
		itemIndex: number,
	): Promise<string[]> {
		const names = new Set<string>();
		for (const choice of chosenKnowledge(context, options, itemIndex)) {
			names.add((await resolveKnowledge(context, this.bases, choice, itemIndex)).id);
		}
		for (const id of chosenFiles(context, options, itemIndex)) {
			names.add(await this.fileCollection(context, id, itemIndex));
		}
		if (names.size > 0) {
			this.remarks.note(blankChoices(context, options, itemIndex), itemIndex);
			return [...names];
		}
		throw new NodeOperationError(context.getNode(), 'There is nothing to search', {
			description: 'Choose at least one knowledge base or file, or check the expressions for IDs.',
			itemIndex,
		});
	}

	private async fileCollection(
		context: IExecuteFunctions,
		id: string,
		itemIndex: number,
	): Promise<string> {
		return await this.files.get(id, async () => {
			await readStatus(context, { fileId: id, itemIndex });
			return `file-${id}`;
		});
	}
}
