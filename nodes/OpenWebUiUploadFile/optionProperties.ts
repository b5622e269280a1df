import type { INodeProperties } from 'n8n-workflow';

import { concurrencyOption, pauseOption, timeoutOption } from '../shared/properties';

/** The options of the node. */
export const uploadOptions: INodeProperties = {
	displayName: 'Options',
	name: 'options',
	type: 'collection',
	placeholder: 'Add option',
	default: {},
	options: [
		{
			displayName: 'Compare Metadata Too',
			name: 'compareMetadata',
			type: 'boolean',
			default: false,
			displayOptions: { show: { '/operation': ['sync'] } },
			description:
				'Whether a file also counts as changed when its metadata differs from that on the server. Fields that change with each run, such as a date, would then upload everything each time.',
		},
		{
			displayName: 'File Name',
			name: 'fileName',
			type: 'string',
			default: '',
			placeholder: 'e.g. manual.pdf',
			displayOptions: { show: { '/inputType': ['binary'] } },
			description:
				'Name of the file on the server, instead of the name in the binary data. The server chooses how to read a file by the extension. For Sync, put the folder in front when files in several folders have equal names, such as docs/a.md.',
		},
		{
			displayName: 'If Already Uploaded',
			name: 'ifSameContent',
			type: 'options',
			default: 'reuse',
			displayOptions: { show: { '/operation': ['upload'] } },
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
		{
			displayName: 'Older Versions',
			name: 'olderVersions',
			type: 'options',
			default: 'delete',
			displayOptions: { show: { '/operation': ['sync'] } },
			options: [
				{
					name: 'Delete',
					value: 'delete',
					description: 'Delete them from the server, and so from every knowledge base',
				},
				{ name: 'Keep', value: 'keep', description: 'Leave them on the server' },
			],
			description: 'What to do with the older versions of a changed file, once the new one is searchable',
		},
		pauseOption,
		timeoutOption(600, 'Time limit of the upload, and again of the processing'),
		{
			displayName: 'Wait Until Searchable',
			name: 'wait',
			type: 'boolean',
			default: true,
			displayOptions: { show: { '/operation': ['upload'] } },
			description:
				'Whether to wait until the server has read and embedded the file. The item fails with the reason when the server cannot process it.',
		},
	],
};
