import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { entriesOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { openWebUiRequest } from '../shared/transport';
import type { AttachmentStates } from './attachmentCheck';
import { askForModelKnowledge } from './modelKnowledge';

/** What one run of the node has learned about the server. */
export class ChatRun {
	readonly bases = new RunCache<KnowledgeBase>();

	readonly attachments: AttachmentStates = new RunCache();

	/** What is worth knowing about answers, and the items whose answers it is about. */
	readonly remarks = new Map<string, number[]>();

	private readonly models = new RunCache<Map<string, IDataObject>>();

	private readonly knowledge = new RunCache<IDataObject[]>();

	note(remarks: string[], itemIndex: number): void {
		for (const remark of remarks) {
			const itemIndexes = this.remarks.get(remark);
			if (itemIndexes) itemIndexes.push(itemIndex);
			else this.remarks.set(remark, [itemIndex]);
		}
	}

	/** The model in the server's list, if it is there; asking also makes Open WebUI look for new ones. */
	async listed(
		context: IExecuteFunctions,
		model: string,
		itemIndex: number,
	): Promise<IDataObject | undefined> {
		const entries = await this.models.get('all', async () => {
			const list = entriesOf(await openWebUiRequest(context, { path: '/api/models', itemIndex }));
			return new Map(list.map((entry) => [String(entry.id), entry]));
		});
		return entries.get(model);
	}

	/** The knowledge that belongs to a model of the workspace and that its server does not use itself. */
	async modelKnowledge(
		context: IExecuteFunctions,
		model: string,
		itemIndex: number,
	): Promise<IDataObject[]> {
		return await this.knowledge.get(model, async () => {
			return await askForModelKnowledge(context, model, itemIndex);
		});
	}
}
