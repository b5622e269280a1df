import type { INodeProperties } from 'n8n-workflow';

import { knowledgeProperty, timeoutOption } from '../shared/properties';

const options: INodeProperties = {
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
			displayOptions: { show: { '/operation': ['add'] } },
			default: 'private',
			options: [
				{ name: 'Private', value: 'private', description: 'Only the owner and administrators' },
				{ name: 'Public', value: 'public', description: 'Every user of the server may read it' },
			],
			description: 'Who may read a knowledge base that this node creates',
		},
		{
			displayName: 'Delete the File Too',
			name: 'deleteFile',
			type: 'boolean',
			displayOptions: { show: { '/operation': ['remove'] } },
			default: false,
			description:
				'Whether to delete the file from the server, for all knowledge bases, after it was taken out of this one. A file that is not in the knowledge base is left alone.',
		},
		{
			displayName: 'Description of a New Knowledge Base',
			name: 'description',
			type: 'string',
			displayOptions: { show: { '/operation': ['add'] } },
			default: '',
			description: 'Text for a knowledge base that this node creates',
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
		timeoutOption(600, 'Time limit of the processing of a file, and again of adding or removing it'),
	],
};

export const addProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'add',
		options: [
			{
				name: 'Add',
				value: 'add',
				action: 'Add a file to a knowledge base',
				description: 'Put a file into the knowledge base, once',
			},
			{
				name: 'Remove',
				value: 'remove',
				action: 'Remove a file from a knowledge base',
				description: 'Take a file out of the knowledge base; the file itself stays',
			},
		],
	},
	{ ...knowledgeProperty(), required: true },
	{
		displayName: 'Create If It Does Not Exist',
		name: 'createIfMissing',
		type: 'boolean',
		default: false,
		displayOptions: { show: { operation: ['add'] } },
		description:
			'Whether to create the knowledge base when it is chosen by name and there is none of that name. It is created once for all items.',
	},
	{
		displayName: 'File ID',
		name: 'fileId',
		type: 'string',
		default: '={{ $json.id }}',
		required: true,
		description:
			'ID of the uploaded file, as the Upload File node returns it. Before it adds a file, the node waits until the server has processed it.',
	},
	options,
];
