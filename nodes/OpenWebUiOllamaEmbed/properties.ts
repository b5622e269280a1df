import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, modelProperty, pauseOption, timeoutOption } from '../shared/properties';

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Batch Size',
			name: 'batchSize',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 64,
			description: 'How many texts are sent in one request, across the items',
		},
		{
			displayName: 'Compare With',
			name: 'compareWith',
			type: 'string',
			typeOptions: { rows: 3 },
			default: '',
			description:
				'A second text, embedded with the others. The field "similarity" of the output tells how close the text is to it: 1 is the same, 0 has nothing in common.',
		},
		{
			displayName: 'Dimensions',
			name: 'dimensions',
			type: 'number',
			typeOptions: { minValue: 1 },
			default: 256,
			description: 'Length of the vectors, for models that can shorten them',
		},
		{
			displayName: 'Keep Alive',
			name: 'keepAlive',
			type: 'string',
			default: '5m',
			placeholder: 'e.g. 5m',
			description:
				'How long the model stays in memory afterwards: a duration, a number of seconds, or -1 for ever',
		},
		{
			displayName: 'Output Field',
			name: 'outputField',
			type: 'string',
			default: 'embedding',
			description: 'Name of the field that receives the vector, or the list of vectors',
		},
		{
			...pauseOption,
			displayName: 'Pause Between Requests',
			description:
				'How long to wait after a request before the next one is sent, for servers that limit how often they are asked',
		},
		{
			...concurrencyOption(1),
			displayName: 'Requests at Once',
			description: 'How many requests are under way at the same time',
		},
		timeoutOption(300, 'Time limit of one request, which may have to load the model first'),
		{
			displayName: 'Truncate',
			name: 'truncate',
			type: 'boolean',
			default: true,
			description:
				'Whether to cut off texts that are too long for the model instead of refusing them',
		},
	],
};

export const embedProperties: INodeProperties[] = [
	modelProperty('searchOllamaModels', 'e.g. nomic-embed-text:latest'),
	{
		displayName: 'Input',
		name: 'inputType',
		type: 'options',
		default: 'text',
		options: [
			{ name: 'One Text per Item', value: 'text', description: 'Each item becomes one vector' },
			{
				name: 'List of Texts',
				value: 'list',
				description: 'Each item has a list of texts and becomes a list of vectors',
			},
		],
		description: 'What each item holds',
	},
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 3 },
		default: '={{ $json.text }}',
		displayOptions: { show: { inputType: ['text'] } },
		description: 'The text to embed; the texts of several items travel in one request',
	},
	{
		displayName: 'Texts',
		name: 'texts',
		type: 'json',
		default: '={{ $json.texts }}',
		displayOptions: { show: { inputType: ['list'] } },
		description: 'The texts to embed, as an array',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'addToItem',
		options: [
			{ name: 'Add to Item', value: 'addToItem', description: 'Keep the fields of the input item' },
			{
				name: 'Embedding Only',
				value: 'embeddingOnly',
				description: 'Leave the fields of the input item out',
			},
		],
		description: 'What the output items hold',
	},
	options,
];
