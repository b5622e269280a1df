import type { INodeProperties } from 'n8n-workflow';

import { fileIdsOption, knowledgeIdsOption } from '../shared/documentProperties';
import { concurrencyOption, timeoutOption } from '../shared/properties';

/** The Options of the chat, in the order of their labels. */
export const chatOptions: INodeProperties[] = [
	{
		displayName: 'Additional Body Fields',
		name: 'additionalBodyFields',
		type: 'json',
		default: '{}',
		description:
			'Fields for the request as a JSON object, such as {"params": {"num_ctx": 8192}}. They win over the fields of this form.',
	},
	{
		displayName: 'Enable Streaming',
		name: 'enableStreaming',
		type: 'boolean',
		default: true,
		description:
			'Whether to pass on the answer as it is written when the trigger of the workflow streams',
	},
	fileIdsOption,
	{
		displayName: 'Input Image Fields',
		name: 'imageFields',
		type: 'string',
		default: '',
		placeholder: 'e.g. data',
		description:
			'Names of binary fields with images for the last message of the user, separated by commas',
	},
	concurrencyOption(1),
	{
		displayName: 'JSON Schema',
		name: 'jsonSchema',
		type: 'json',
		default:
			'{\n  "type": "object",\n  "properties": {\n    "answer": { "type": "string" }\n  },\n  "required": ["answer"]\n}',
		displayOptions: { show: { responseFormat: ['json_schema'] } },
		description: 'The form of the answer',
	},
	knowledgeIdsOption,
	{
		displayName: 'Max Tokens',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		description: 'Longest answer, in tokens',
	},
	{
		displayName: 'No Answer Without Sources',
		name: 'requireSources',
		type: 'boolean',
		default: false,
		description: 'Whether the item fails when nothing was found in the knowledge and files',
	},
	{
		displayName: 'Response Format',
		name: 'responseFormat',
		type: 'options',
		default: 'text',
		options: [
			{
				name: 'JSON',
				value: 'json_object',
				description: 'An object that the output holds as Parsed',
			},
			{
				name: 'JSON Schema',
				value: 'json_schema',
				description: 'An object of a form that you define',
			},
			{ name: 'Text', value: 'text' },
		],
		description: 'In which form the model answers',
	},
	{
		displayName: 'Seed',
		name: 'seed',
		type: 'number',
		default: 0,
		description: 'The same number makes answers repeatable, as far as the model can',
	},
	{
		displayName: 'Stop Sequences',
		name: 'stop',
		type: 'string',
		default: '',
		placeholder: 'e.g. END',
		description: 'Texts at which the model stops, separated by commas, or an array by expression',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 0.7,
		description: 'Low values keep to the likely, high values vary more',
	},
	timeoutOption(600, 'Time limit of the answer. Local models may have to be loaded first.'),
	{
		displayName: 'Tool IDs',
		name: 'toolIds',
		type: 'string',
		default: '',
		description:
			'IDs of tools on the Open WebUI server that the model may use, separated by commas, or an array by expression',
	},
	{
		displayName: 'Top P',
		name: 'topP',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 0.9,
		description:
			'Share of the likeliest words that the model chooses from; change this or the temperature',
	},
	{
		displayName: 'Whole Documents',
		name: 'wholeDocuments',
		type: 'boolean',
		default: false,
		description:
			'Whether to give the model the whole text of the knowledge and files instead of the passages that match the question',
	},
];
