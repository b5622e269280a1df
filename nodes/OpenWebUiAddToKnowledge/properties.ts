import type { INodeProperties } from 'n8n-workflow';

import { knowledgeProperty } from '../shared/properties';
import { optionsProperty } from './optionProperties';

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
				action: 'Add files to a knowledge base',
				description: 'Put the files into the knowledge base, once each',
			},
			{
				name: 'Mirror',
				value: 'mirror',
				action: 'Make a knowledge base hold exactly the given files',
				description: 'Put the files into the knowledge base and take all other files out of it',
			},
			{
				name: 'Remove',
				value: 'remove',
				action: 'Remove files from a knowledge base',
				description: 'Take the files out of the knowledge base; the files themselves stay',
			},
		],
	},
	{ ...knowledgeProperty(), required: true },
	{
		displayName: 'Create If It Does Not Exist',
		name: 'createIfMissing',
		type: 'boolean',
		default: false,
		displayOptions: { show: { operation: ['add', 'mirror'] } },
		description:
			'Whether to create the knowledge base when it is chosen by name and there is none of that name. It is created once for all items.',
	},
	{
		displayName: 'Find the File By',
		name: 'identifyBy',
		type: 'options',
		default: 'id',
		displayOptions: { show: { operation: ['remove'] } },
		options: [
			{ name: 'ID', value: 'id', description: 'One file' },
			{ name: 'Name', value: 'name', description: 'All files of that name in the knowledge base' },
		],
		description: 'What is known of the file to remove',
	},
	{
		displayName: 'File ID',
		name: 'fileId',
		type: 'string',
		default: '={{ $json.id }}',
		required: true,
		displayOptions: { show: { operation: ['add', 'mirror'] } },
		description:
			'ID of the uploaded file, as the Upload File node returns it. Before it adds a file, the node waits until the server has processed it.',
	},
	{
		displayName: 'File ID',
		name: 'fileId',
		type: 'string',
		default: '={{ $json.id }}',
		required: true,
		displayOptions: { show: { operation: ['remove'], identifyBy: ['id'] } },
		description: 'ID of the file to take out of the knowledge base',
	},
	{
		displayName: 'File Name',
		name: 'fileName',
		type: 'string',
		default: '={{ $json.filename }}',
		required: true,
		displayOptions: { show: { operation: ['remove'], identifyBy: ['name'] } },
		description: 'Name of the file in the knowledge base, exactly, in upper and lower case',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		default: 'files',
		options: [
			{
				name: 'One Item per File',
				value: 'files',
				description: 'What was done with each file',
			},
			{
				name: 'One Item per Knowledge Base',
				value: 'summary',
				description: 'Lists of what was done, and of all files that the knowledge base has now',
			},
		],
		description: 'What the node returns',
	},
	optionsProperty,
];
