import type { INodeProperties } from 'n8n-workflow';

import {
	fileIdsOption,
	fileListProperty,
	knowledgeIdsOption,
	knowledgeListProperty,
} from '../shared/documentProperties';
import { concurrencyOption, pauseOption, timeoutOption } from '../shared/properties';

/** The Options of the search, in the order of their labels. */
const options: INodeProperties[] = [
	fileIdsOption,
	{
		displayName: 'Include Metadata',
		name: 'includeMetadata',
		type: 'boolean',
		default: false,
		description:
			'Whether to add what the server knows of each passage, with the metadata of the upload',
	},
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
		displayName: 'Metadata Filter',
		name: 'metadataFilter',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add field',
		default: {},
		description:
			'Only passages of files whose upload metadata has all these values. The filter chooses among the 100 best passages.',
		options: [
			{
				displayName: 'Field',
				name: 'fields',
				values: [
					{
						displayName: 'Name',
						name: 'name',
						type: 'string',
						default: '',
						placeholder: 'e.g. department',
					},
					{
						displayName: 'Value',
						name: 'value',
						type: 'string',
						default: '',
						placeholder: 'e.g. sales',
					},
				],
			},
		],
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
		displayName: 'Only Files',
		name: 'onlyFiles',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.pdf, handbook*',
		description:
			'Only passages of files with these names or IDs, separated by commas, or an array by expression. In a name, * stands for any text. The filter chooses among the 100 best passages.',
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
	pauseOption,
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
