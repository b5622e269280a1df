import type { INodeProperties } from 'n8n-workflow';

import {
	fileIdsOption,
	fileListProperty,
	knowledgeIdsOption,
	knowledgeListProperty,
} from '../shared/documentProperties';
import { concurrencyOption, timeoutOption } from '../shared/properties';

/** The Options of the search, in the order of their labels. */
const options: INodeProperties[] = [
	fileIdsOption,
	concurrencyOption(1),
	knowledgeIdsOption,
	{
		displayName: 'Limit',
		name: 'topK',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 5,
		description: 'Most passages for a query, over all knowledge bases and files together',
	},
	{
		displayName: 'Minimum Score',
		name: 'minimumScore',
		type: 'number',
		typeOptions: { minValue: 0, maxValue: 1, numberPrecision: 2 },
		default: 0.5,
		description: 'Leaves out passages with a lower score, from 0 to 1',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'perHit',
		options: [
			{
				name: 'One Item per Passage',
				value: 'perHit',
				description: 'A query without a match gives no item',
			},
			{
				name: 'One Item per Query',
				value: 'perQuery',
				description: 'The passages are in the list "results", which is empty without a match',
			},
		],
		description: 'What the output items hold',
	},
	timeoutOption(300, 'Time limit of the search, which may have to load the embedding model first'),
];

export const queryProperties: INodeProperties[] = [
	knowledgeListProperty('Knowledge bases to search'),
	fileListProperty('Uploaded files to search, also such that are in no knowledge base'),
	{
		displayName: 'Query',
		name: 'query',
		type: 'string',
		typeOptions: { rows: 2 },
		default: '',
		required: true,
		placeholder: 'e.g. How long does the warranty last?',
		description: 'What to look for: a question or a few words',
	},
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
	},
];
