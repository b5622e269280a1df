import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchKnowledge } from '../shared/listSearch';
import { runKnowledge } from './knowledgeRun';
import { addProperties } from './properties';

export class OpenWebUiAddToKnowledge implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Add to Knowledge',
		name: 'openWebUiAddToKnowledge',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['output'],
		version: 1,
		subtitle:
			'={{ ({ add: "add to", mirror: "mirror to", remove: "remove from" })[$parameter["operation"]] + " " + ($parameter.toJSON().knowledge?.cachedResultName || $parameter["knowledge"] || "...") }}',
		description:
			'Add uploaded files to a knowledge base of Open WebUI, once each, remove them, or make the knowledge base hold exactly the files that come in. Needs the ID of each file and the knowledge base.',
		defaults: { name: 'Add to Knowledge' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: addProperties,
	};

	methods = { listSearch: { searchKnowledge } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await runKnowledge(this)];
	}
}
