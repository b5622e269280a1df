import type { INodeProperties } from 'n8n-workflow';

import { simplifyProperty } from '../shared/properties';
import { uploadOptions } from './optionProperties';

/** The form of the node. */
export const uploadProperties: INodeProperties[] = [
	{
		displayName: 'Operation',
		name: 'operation',
		type: 'options',
		noDataExpression: true,
		default: 'upload',
		options: [
			{
				name: 'Sync',
				value: 'sync',
				action: 'Sync files',
				description: 'Upload what is new or changed, once for each name, and tell what was done',
			},
			{
				name: 'Upload',
				value: 'upload',
				action: 'Upload a file',
				description: 'Upload the file of each item',
			},
		],
	},
	{
		displayName: 'Input Type',
		name: 'inputType',
		type: 'options',
		default: 'binary',
		options: [
			{ name: 'Binary', value: 'binary', description: 'A file from a binary field' },
			{ name: 'JSON', value: 'json', description: 'A value that becomes a JSON file' },
			{ name: 'Text', value: 'text', description: 'A text that becomes a file' },
		],
		description: 'What to upload',
	},
	{
		displayName: 'Input Data Field Name',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		required: true,
		displayOptions: { show: { inputType: ['binary'] } },
		hint: 'The name of the input field containing the binary file data to be processed',
		description: 'The file is streamed, whatever its size',
	},
	{
		displayName: 'Text',
		name: 'text',
		type: 'string',
		typeOptions: { rows: 5 },
		default: '',
		required: true,
		displayOptions: { show: { inputType: ['text'] } },
		description: 'The content of the file',
	},
	{
		displayName: 'File Name',
		name: 'textFileName',
		type: 'string',
		default: 'document.txt',
		required: true,
		displayOptions: { show: { inputType: ['text'] } },
		description:
			'Name of the file on the server; use .md for Markdown. Sync takes a folder in front of it into account.',
	},
	{
		displayName: 'JSON',
		name: 'jsonContent',
		type: 'json',
		default: '={{ $json }}',
		required: true,
		displayOptions: { show: { inputType: ['json'] } },
		description:
			'The content of the file: JSON, or an expression that gives any value. A text that an expression gives is taken as JSON where it is JSON, else as a JSON string.',
	},
	{
		displayName: 'File Name',
		name: 'jsonFileName',
		type: 'string',
		default: 'document.json',
		required: true,
		displayOptions: { show: { inputType: ['json'] } },
		description:
			'Name of the file on the server; the extension for JSON is added when it is missing. Sync takes a folder in front of it into account.',
	},
	simplifyProperty,
	uploadOptions,
];
