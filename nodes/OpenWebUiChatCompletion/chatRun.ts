import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { entriesOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { sourceOf } from '../shared/models';
import { openWebUiRequest } from '../shared/transport';
import type { AttachmentStates } from './attachmentCheck';
import { askForModelKnowledge } from './modelKnowledge';

/** What one run of the node has learned about the server. */
export class ChatRun {
	readonly bases = new RunCache<KnowledgeBase>();

	readonly attachments: AttachmentStates = new RunCache();

	private readonly models = new RunCache<Set<string>>();

	private readonly listed = new RunCache<Set<string>>();

	private readonly knowledge = new RunCache<IDataObject[]>();

	/** True if the model is served by Ollama, as the list of models says. */
	async isOllamaModel(
		context: IExecuteFunctions,
		model: string,
		itemIndex: number,
	): Promise<boolean> {
		const ids = await this.models.get('ollama', async () => {
			const list = entriesOf(await openWebUiRequest(context, { path: '/api/models', itemIndex }));
			return new Set(
				list.filter((entry) => sourceOf(entry) === 'ollama').map(({ id }) => String(id)),
			);
		});
		return ids.has(model);
	}

	/** True if the server lists the model; asking also makes Open WebUI look for new ones. */
	async isListedModel(
		context: IExecuteFunctions,
		model: string,
		itemIndex: number,
	): Promise<boolean> {
		const ids = await this.listed.get('all', async () => {
			const list = entriesOf(await openWebUiRequest(context, { path: '/api/models', itemIndex }));
			return new Set(list.map(({ id }) => String(id)));
		});
		return ids.has(model);
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
