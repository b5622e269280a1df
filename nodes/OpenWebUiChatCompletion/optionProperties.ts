import type { INodeProperties } from 'n8n-workflow';

import { fileIdsOption, knowledgeIdsOption } from '../shared/documentProperties';
import { concurrencyOption, pauseOption, timeoutOption } from '../shared/properties';
import { samplingOptions } from './samplingProperties';

const requestOptions: INodeProperties[] = [
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
		displayName: 'History',
		name: 'history',
		type: 'json',
		default: '[]',
		description:
			'Earlier messages of the conversation, usually by expression: an array of messages with role and content, or of pairs as the memory of n8n gives them',
	},
	{
		displayName: 'History Limit',
		name: 'historyLimit',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 20,
		description: 'How many of the latest messages of the history are sent',
	},
	{
		displayName: 'Input Image Fields',
		name: 'imageFields',
		type: 'string',
		default: '',
		placeholder: 'e.g. data',
		description:
			'Names of binary fields with images for the last message of the user, separated by commas, or the files themselves by expression',
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
		displayName: 'Minimum Score',
		name: 'minimumScore',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.6,
		description:
			'Sources with a lower score, from 0 to 1, do not count and are not in the output. The model has seen them all the same.',
	},
	{
		displayName: 'No Answer Without Sources',
		name: 'requireSources',
		type: 'options',
		noDataExpression: true,
		default: 'fail',
		options: [
			{
				name: 'Fail the Item',
				value: 'fail',
				description: 'The item ends with the reason',
			},
			{
				name: 'Off',
				value: 'off',
				description: 'The model answers without documents; a hint says so',
			},
			{
				name: 'Second Output',
				value: 'secondOutput',
				description: 'The item leaves by an output of its own, with the question and the reason',
			},
		],
		description: 'What happens when nothing was found in the knowledge and files',
	},
	pauseOption,
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
		displayName: 'Stop Sequences',
		name: 'stop',
		type: 'string',
		default: '',
		placeholder: 'e.g. END',
		description: 'Texts at which the model stops, separated by commas, or an array by expression',
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
		displayName: 'Whole Documents',
		name: 'wholeDocuments',
		type: 'boolean',
		default: false,
		description:
			'Whether to give the model the whole text of the knowledge and files instead of the passages that match the question',
	},
];

/** The Options of the chat, in the order of their labels. */
export const chatOptions: INodeProperties[] = [...requestOptions, ...samplingOptions].sort((a, b) =>
	a.displayName.localeCompare(b.displayName),
);
