import type { INodeProperties } from 'n8n-workflow';

import { knowledgeListProperty } from '../shared/documentProperties';
import { simplifyProperty, timeoutOption } from '../shared/properties';

const events: INodeProperties = {
	displayName: 'Events',
	name: 'events',
	type: 'multiOptions',
	default: ['searchable'],
	required: true,
	options: [
		{
			name: 'File Failed',
			value: 'failed',
			description: 'The server could not process a file; its reason is in the item',
		},
		{
			name: 'File Removed',
			value: 'removed',
			description: 'A file was deleted, or taken out of the knowledge base',
		},
		{
			name: 'File Searchable',
			value: 'searchable',
			description:
				'A file can be searched from now on: it is new, its text has changed, or it was put into the knowledge base',
		},
	],
	description: 'What starts the workflow',
};

/** The Options of the trigger, in the order of their labels. */
const options: INodeProperties[] = [
	{
		displayName: 'File Name Filter',
		name: 'nameFilter',
		type: 'string',
		default: '',
		placeholder: 'e.g. *.pdf',
		description:
			'Only files with such a name, in upper or lower case. * stands for any text, ? for one character.',
	},
	{
		displayName: 'Files per Poll',
		name: 'filesPerPoll',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: 100,
		description: 'How many events start the workflow at a time, at most. The others come with the next poll.',
	},
	{
		displayName: 'Include Files That Are Already There',
		name: 'includeExisting',
		type: 'boolean',
		default: false,
		description:
			'Whether the files that are there when the workflow is activated for the first time start it as well',
	},
	timeoutOption(60, 'Time limit of each request of a poll. A server with very many files may need a longer one.'),
];

export const triggerProperties: INodeProperties[] = [
	{
		displayName: 'Watch',
		name: 'watch',
		type: 'options',
		default: 'files',
		options: [
			{
				name: 'All My Files',
				value: 'files',
				description: 'The uploaded files of the user of the API key',
			},
			{
				name: 'Knowledge Bases',
				value: 'knowledge',
				description: 'The files in the chosen knowledge bases, whoever put them there',
			},
		],
		description: 'Where to look for files',
	},
	{
		...knowledgeListProperty('Knowledge bases to watch'),
		displayOptions: { show: { watch: ['knowledge'] } },
	},
	events,
	simplifyProperty,
	{
		displayName: 'Options',
		name: 'options',
		type: 'collection',
		placeholder: 'Add option',
		default: {},
		options,
	},
];
