import type {
	IExecuteFunctions,
	INodeExecutionData,
	INodeType,
	INodeTypeDescription,
} from 'n8n-workflow';
import { NodeConnectionTypes } from 'n8n-workflow';

import { CapabilityFinder } from '../shared/capabilities';
import { simplifyProperty } from '../shared/properties';
import { runItems } from '../shared/runItems';
import { listModels } from './listModels';

export class OpenWebUiListModels implements INodeType {
	description: INodeTypeDescription = {
		displayName: 'Open WebUI List Models',
		name: 'openWebUiListModels',
		icon: { light: 'file:../../icons/openWebUi.svg', dark: 'file:../../icons/openWebUi.dark.svg' },
		group: ['input'],
		version: 1,
		subtitle: '={{ $parameter["options"]["nameFilter"] || "all models" }}',
		description:
			'List the AI models that an Open WebUI server offers, with their IDs and what each can do',
		defaults: { name: 'List Models' },
		inputs: [NodeConnectionTypes.Main],
		outputs: [NodeConnectionTypes.Main],
		usableAsTool: true,
		credentials: [{ name: 'openWebUiApi', required: true }],
		properties: [
			{
				displayName: 'Return All',
				name: 'returnAll',
				type: 'boolean',
				default: false,
				description: 'Whether to return all results or only up to a given limit',
			},
			{
				displayName: 'Limit',
				name: 'limit',
				type: 'number',
				typeOptions: { minValue: 1 },
				default: 50,
				displayOptions: { show: { returnAll: [false] } },
				description: 'Max number of results to return',
			},
			simplifyProperty,
			{
				displayName: 'Options',
				name: 'options',
				type: 'collection',
				placeholder: 'Add option',
				default: {},
				options: [
					{
						displayName: 'Capability',
						name: 'capability',
						type: 'options',
						default: 'any',
						options: [
							{ name: 'Any', value: 'any' },
							{ name: 'Chat', value: 'chat', description: 'Models that write answers' },
							{ name: 'Embedding', value: 'embedding', description: 'Models that embed texts' },
							{ name: 'Vision', value: 'vision', description: 'Models that see images' },
						],
						description:
							'What the models can do. Ollama is asked about each of its models; models of OpenAI-compatible servers are judged by their name when the server does not tell.',
					},
					{
						displayName: 'Name Filter',
						name: 'nameFilter',
						type: 'string',
						default: '',
						placeholder: 'e.g. llama',
						description: 'Only models whose ID or name contains this text, in upper or lower case',
					},
					{
						displayName: 'Refresh',
						name: 'refresh',
						type: 'boolean',
						default: false,
						description:
							'Whether the server should ask the model servers anew instead of using its own memory',
					},
					{
						displayName: 'Source',
						name: 'source',
						type: 'options',
						default: 'all',
						options: [
							{ name: 'All', value: 'all' },
							{
								name: 'Built In',
								value: 'builtin',
								description: 'Models that the server itself brings',
							},
							{ name: 'Ollama', value: 'ollama' },
							{
								name: 'OpenAI Compatible',
								value: 'openai',
								description: 'Models of connected servers that speak the OpenAI API',
							},
						],
						description: 'Where the models come from',
					},
				],
			},
		],
	};

	async execute(this: IExecuteFunctions): Promise<INodeExecutionData[][]> {
		const finder = new CapabilityFinder();
		return [await runItems(this, async (itemIndex) => await listModels(this, finder, itemIndex))];
	}
}
