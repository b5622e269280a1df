import type {
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
	IPollFunctions,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchKnowledge } from '../shared/listSearch';
import { oneAtATime } from './oneAtATime';
import { pollFiles } from './pollFiles';
import { triggerProperties } from './properties';
import { testEvents } from './testEvent';

export class OpenWebUiKnowledgeTrigger implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Knowledge Trigger',
		name: 'openWebUiKnowledgeTrigger',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['trigger'],
		version: 1,
		subtitle: '={{ $parameter["events"].join(", ") }}',
		description: 'Starts the workflow when files in Open WebUI become searchable, fail or are removed',
		defaults: { name: 'Knowledge Trigger' },
		polling: true,
		inputs: [],
		outputs: [NodeConnectionTypes.Main],
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: triggerProperties,
	};

	methods = { listSearch: { searchKnowledge } };

	async poll(this: IPollFunctions): Promise<INodeExecutionData[][] | null> {
		const isTest = this.getMode() === 'manual';
		const outputs = isTest
			? await testEvents(this)
			: await oneAtATime(this, async () => await pollFiles(this));
		return outputs.length > 0 ? [outputs.map((json) => ({ json }))] : null;
	}
}
