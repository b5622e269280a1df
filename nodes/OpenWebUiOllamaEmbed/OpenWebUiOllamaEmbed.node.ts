import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { searchOllamaModels } from '../shared/listSearch';
import { embedItems } from './embedItems';
import { embedProperties } from './properties';

export class OpenWebUiOllamaEmbed implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI Ollama Embed',
		name: 'openWebUiOllamaEmbed',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['transform'],
		version: 1,
		subtitle: '={{ $parameter["model"] }}',
		description:
			'Turn texts into vectors with an embedding model behind Open WebUI, or tell how close two texts are in meaning',
		defaults: { name: 'Ollama Embed' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: embedProperties,
	};

	methods = { listSearch: { searchOllamaModels } };

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		return [await embedItems(this)];
	}
}
