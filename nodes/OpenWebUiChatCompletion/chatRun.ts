import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { entriesOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { Remarks } from '../shared/remarks';
import { openWebUiRequest } from '../shared/transport';
import type { AttachmentStates } from './attachmentCheck';
import type { ModelKnowledge } from './modelKnowledge';
import { askForModelKnowledge } from './modelKnowledge';

/** What one run of the node has learned about the server. */
export class ChatRun {
	readonly bases = new RunCache<KnowledgeBase>();

	readonly attachments: AttachmentStates = new RunCache();

	readonly remarks = new Remarks();

	private readonly models = new RunCache<Map<string, IDataObject>>();

	private readonly knowledge = new RunCache<ModelKnowledge>();

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
		const { entries, fault } = await this.knowledge.get(model, async () => {
			return await askForModelKnowledge(context, model, itemIndex);
		});
		if (fault !== undefined) {
			const remark = `whether documents belong to the model could not be found out, and none of them were used. ${fault}`;
			this.remarks.note([remark], itemIndex);
		}
		return entries;
	}
}
