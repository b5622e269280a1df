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
			default: 'private',
			options: [
				{ name: 'Private', value: 'private', description: 'Only the owner and administrators' },
				{ name: 'Public', value: 'public', description: 'Every user of the server may read it' },
			],
			description: 'Who may read a knowledge base that this node creates',
		},
		{
			displayName: 'Description of a New Knowledge Base',
			name: 'description',
			type: 'string',
			default: '',
			description: 'Text for a knowledge base that this node creates',
		},
		{
			displayName: 'If Text Already Present',
			name: 'ifDuplicate',
			type: 'options',
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
		timeoutOption(600, 'Time limit of the processing of a file, and again of adding it'),
	],
};

export const addProperties: INodeProperties[] = [
	{ ...knowledgeProperty(), required: true },
	{
		displayName: 'Create If It Does Not Exist',
		name: 'createIfMissing',
		type: 'boolean',
		default: false,
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
			'ID of the uploaded file, as the Upload File node returns it. The node waits until the server has processed the file.',
	},
	options,
];
