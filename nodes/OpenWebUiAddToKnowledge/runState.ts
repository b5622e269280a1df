import type { IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { textOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { pagedEntries } from '../shared/pages';

/** The files of a knowledge base: id to hash of the text. */
export type LinkedFiles = Map<string, string | undefined>;

/** The files that the knowledge base has on the server at this moment. */
export async function readLinkedFiles(
	context: IExecuteFunctions,
	base: KnowledgeBase,
	itemIndex: number,
): Promise<LinkedFiles> {
	const files: LinkedFiles = new Map();
	const path = `/api/v1/knowledge/${encodeURIComponent(base.id)}/files`;
	for await (const entry of pagedEntries(context, path, {}, itemIndex)) {
		files.set(String(entry.id), textOf(entry.hash));
	}
	return files;
}

/** What one run of the node knows about the knowledge bases it fills. */
export class RunState {
	readonly bases = new RunCache<KnowledgeBase>();

	private readonly linked = new RunCache<LinkedFiles>();

	/**
	 * The files of a knowledge base, asked for once and then kept up by the node itself: a large base
	 * has many pages, and the server offers no question for one file.
	 */
	async filesOf(
		context: IExecuteFunctions,
		base: KnowledgeBase,
		itemIndex: number,
	): Promise<LinkedFiles> {
		return await this.linked.get(
			base.id,
			async () => await readLinkedFiles(context, base, itemIndex),
		);
	}
}
