import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, timeoutOption } from '../shared/properties';

/** The Options of the node; each is shown for the operations that it is about. */
export const optionsProperty: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Access of a New Knowledge Base',
			name: 'access',
			type: 'options',
			displayOptions: { show: { '/operation': ['add', 'mirror'] } },
			default: 'private',
			options: [
				{ name: 'Private', value: 'private', description: 'Only the owner and administrators' },
				{ name: 'Public', value: 'public', description: 'Every user of the server may read it' },
			],
			description: 'Who may read a knowledge base that this node creates',
		},
		{
			displayName: 'Batch Size',
			name: 'batchSize',
			type: 'number',
			typeOptions: { minValue: 1 },
			displayOptions: { show: { '/operation': ['add', 'mirror'] } },
			default: 20,
			description:
				'Most files that go to the server in one request. A slow server may need a smaller number to stay within its time limits.',
		},
		{
			displayName: 'Delete Removed Files',
			name: 'deleteRemoved',
			type: 'boolean',
			displayOptions: { show: { '/operation': ['mirror'] } },
			default: false,
			description:
				'Whether to delete the files that are taken out from the server, for all knowledge bases. Files that came in for another knowledge base in the same run are only taken out.',
		},
		{
			displayName: 'Delete the File Too',
			name: 'deleteFile',
			type: 'boolean',
			displayOptions: { show: { '/operation': ['remove'] } },
			default: false,
			description:
				'Whether to delete the file from the server and so take it out of all knowledge bases. A file that is not in this one is left alone.',
		},
		{
			displayName: 'Description of a New Knowledge Base',
			name: 'description',
			type: 'string',
			displayOptions: { show: { '/operation': ['add', 'mirror'] } },
			default: '',
			description: 'Text for a knowledge base that this node creates',
		},
		{
			displayName: 'If Not There',
			name: 'ifAbsent',
			type: 'options',
			displayOptions: { show: { '/operation': ['remove'] } },
			default: 'continue',
			options: [
				{ name: 'Continue', value: 'continue', description: 'Return the item as absent' },
				{ name: 'Fail', value: 'fail', description: 'End the item with an error' },
			],
			description: 'What to do when the file is not in the knowledge base',
		},
		{
			displayName: 'If Text Already Present',
			name: 'ifDuplicate',
			type: 'options',
			displayOptions: { show: { '/operation': ['add'] } },
			default: 'skip',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'End the item with an error that names the other file',
				},
				{
					name: 'Replace',
					value: 'replace',
					description:
						'Take the other file out of the knowledge base (it is not deleted), then add this one',
				},
				{ name: 'Skip', value: 'skip', description: 'Leave the knowledge base as it is' },
			],
			description: 'What to do when another file of the knowledge base has the same text',
		},
		{
			...concurrencyOption(1),
			displayName: 'Requests at Once',
			displayOptions: { show: { '/operation': ['add', 'mirror'] } },
			description:
				'How many requests are made at the same time where files go one by one: PDF files, which would lose their page numbers in a batch, and files that are taken out',
		},
		timeoutOption(600, 'Time limit of the processing of a file, and again of adding or removing it'),
	],
};
