import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, simplifyProperty, timeoutOption } from '../shared/properties';

const options: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. manual.pdf',
			displayOptions: { show: { '/inputType': ['binary'] } },
			description:
				'Name of the file on the server, instead of the name in the binary data. The server chooses how to read a file by the extension.',
		},
		{
			displayName: 'If Already Uploaded',
			name: 'ifSameContent',
			type: 'options',
			default: 'reuse',
			options: [
				{
					name: 'Fail',
					value: 'fail',
					description: 'End the item with an error that names the file',
				},
				{
					name: 'Replace',
					value: 'replace',
					description: 'Upload, then delete the older file',
				},
				{
					name: 'Reuse',
					value: 'reuse',
					description: 'Return the file that is there instead of uploading it again',
				},
				{
					name: 'Upload Again',
					value: 'upload',
					description: 'Upload without looking, as Open WebUI itself does',
				},
			],
			description:
				'What to do when the server has a file of the same name with the same bytes (SHA-256). Reuse makes repeated runs harmless.',
		},
		concurrencyOption(2),
		{
			displayName: 'Metadata',
			name: 'metadata',
			type: 'fixedCollection',
			typeOptions: { multipleValues: true },
			placeholder: 'Add field',
			default: {},
			description: 'Fields that are kept with the file and returned with each source of an answer',
			options: [
				{
					displayName: 'Field',
					name: 'fields',
					values: [
						{ displayName: 'Name', name: 'name', type: 'string', default: '' },
						{ displayName: 'Value', name: 'value', type: 'string', default: '' },
					],
				},
			],
		},
		{
			displayName: 'Metadata (JSON)',
			name: 'metadataJson',
			type: 'json',
			default: '{}',
			description:
				'Metadata as a JSON object, for numbers and booleans. Fields under Metadata win.',
		},
		timeoutOption(600, 'Time limit of the upload, and again of the processing'),
		{
			displayName: 'Wait Until Searchable',
			name: 'wait',
			type: 'boolean',
			default: true,
			description:
				'Whether to wait until the server has read and embedded the file. The item fails with the reason when the server cannot process it.',
		},
	],
};

export const uploadProperties: INodeProperties[] = [
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
		description: 'Name of the file on the server; use .md for Markdown',
	},
	{
		displayName: 'JSON',
		name: 'jsonContent',
		type: 'json',
		default: '={{ $json }}',
		required: true,
		displayOptions: { show: { inputType: ['json'] } },
		description: 'The content of the file: JSON, or an expression that gives any value',
	},
	{
		displayName: 'File Name',
		name: 'jsonFileName',
		type: 'string',
		default: 'document.json',
		required: true,
		displayOptions: { show: { inputType: ['json'] } },
		description: 'Name of the file on the server; the extension for JSON is added when it is missing',
	},
	simplifyProperty,
	options,
];
