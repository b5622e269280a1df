import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchKnowledge } from '../shared/listSearch';
import { runItems } from '../shared/runItems';
import { addItem } from './addItem';
import { addProperties } from './properties';
import { removeItem } from './removeItem';
import { RunState } from './runState';

export class OpenWebUiAddToKnowledge implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Add to Knowledge',
		name: 'openWebUiAddToKnowledge',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ ($parameter["operation"] === "remove" ? "remove from " : "") + ($parameter["knowledge"].cachedResultName || $parameter["knowledge"].value) }}',
		description: 'Add uploaded files to a knowledge base of Open WebUI, once each, or remove them',
		defaults: { name: 'Add to Knowledge' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: addProperties,
	};

	methods = { listSearch: { searchKnowledge } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		// One at a time: each item has to see what the ones before it did.
		const state = new RunState();
		const work = async (itemIndex: number) =>
			this.getNodeParameter('operation', itemIndex, 'add') === 'remove'
				? await removeItem(this, state, itemIndex)
				: await addItem(this, state, itemIndex);
		return [await runItems(this, work)];
	}
}
