import type { INodeProperties } from 'n8n-workflow';

/** How the model chooses its words; each is sent only when it is added. `samplingOf` reads them. */
export const samplingOptions: INodeProperties[] = [
	{
		displayName: 'Context Length',
		name: 'contextLength',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 8192,
		description:
			'How many tokens the model can take in, documents included (num_ctx). For Ollama models.',
	},
	{
		displayName: 'Frequency Penalty',
		name: 'frequencyPenalty',
		type: 'number',
		typeOptions: { minValue: -2, maxValue: 2, numberPrecision: 2 },
		default: 0,
		description: 'Above 0 the model repeats a word the less, the more often it has used it',
	},
	{
		displayName: 'Keep Alive',
		name: 'keepAlive',
		type: 'string',
		default: '5m',
		placeholder: 'e.g. 30m',
		description:
			'How long the model stays in memory after the answer: a duration, 0 for not at all, -1 for ever. For Ollama models.',
	},
	{
		displayName: 'Max Tokens',
		name: 'maxTokens',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 1024,
		description: 'Longest answer, in tokens',
	},
	{
		displayName: 'Min P',
		name: 'minP',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.05,
		description: 'Leaves out words that are less likely than this share of the likeliest one',
	},
	{
		displayName: 'Presence Penalty',
		name: 'presencePenalty',
		type: 'number',
		typeOptions: { minValue: -2, maxValue: 2, numberPrecision: 2 },
		default: 0,
		description: 'Above 0 the model repeats words less, however often it has used them',
	},
	{
		displayName: 'Reasoning Effort',
		name: 'reasoningEffort',
		type: 'options',
		default: 'medium',
		options: [
			{ name: 'High', value: 'high' },
			{ name: 'Low', value: 'low' },
			{ name: 'Medium', value: 'medium' },
			{ name: 'Minimal', value: 'minimal' },
			{ name: 'None', value: 'none', description: 'Switches reasoning off where the model can' },
		],
		description:
			'How long a reasoning model thinks before it answers. Of the Ollama models only gpt-oss knows levels; others think, or do not with Minimal and None.',
	},
	{
		displayName: 'Repeat Penalty',
		name: 'repeatPenalty',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 1.1,
		description: 'Above 1 the model repeats itself less. For Ollama models.',
	},
	{
		displayName: 'Seed',
		name: 'seed',
		type: 'number',
		default: 0,
		description: 'The same number makes answers repeatable, as far as the model can',
	},
	{
		displayName: 'Temperature',
		name: 'temperature',
		type: 'number',
		typeOptions: { minValue: 0, numberPrecision: 2 },
		default: 0.7,
		description: 'Low values keep to the likely, high values vary more',
	},
	{
		displayName: 'Top K',
		name: 'topK',
		type: 'number',
		typeOptions: { minValue: 0 },
		default: 40,
		description: 'How many of the likeliest words the model chooses from',
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
];
