import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, pauseOption, simplifyProperty, timeoutOption } from '../shared/properties';

export const listModelsProperties: INodeProperties[] = [
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
				displayName: 'Include Capabilities',
				name: 'includeCapabilities',
				type: 'boolean',
				default: false,
				description:
					'Whether to ask for what each model can do when the list itself does not tell, with one short request for each model of Ollama',
			},
			concurrencyOption(1),
			{
				displayName: 'Name Filter',
				name: 'nameFilter',
				type: 'string',
				default: '',
				placeholder: 'e.g. llama',
				description: 'Only models whose ID or name contains this text, in upper or lower case',
			},
			pauseOption,
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
			timeoutOption(60, 'Time limit of the request for the list'),
		],
	},
];
