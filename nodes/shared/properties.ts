import type { INodeProperties } from 'n8n-workflow';

import { KNOWLEDGE_URL_PATTERN } from './locator';

/** The model field with its list; `searchListMethod` names the list. */
export function modelProperty(searchListMethod: string, placeholder: string): INodeProperties {
	return {
		displayName: 'Model',
		name: 'model',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		required: true,
		description: 'The model to use, from the list of the server',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a model...',
				typeOptions: { searchListMethod, searchable: true },
			},
			{ displayName: 'ID', name: 'id', type: 'string', placeholder },
		],
	};
}

/** A knowledge base by list, ID, address in the web UI, or name. */
export function knowledgeProperty(): INodeProperties {
	return {
		displayName: 'Knowledge',
		name: 'knowledge',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		description: 'The knowledge base (collection of files)',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a knowledge base...',
				typeOptions: { searchListMethod: 'searchKnowledge', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 7c9e6679-7425-40de-944b-e07fc1f90ae7',
			},
			{
				displayName: 'By URL',
				name: 'url',
				type: 'string',
				placeholder:
					'e.g. http://127.0.0.1:8080/workspace/knowledge/7c9e6679-7425-40de-944b-e07fc1f90ae7',
				validation: [
					{
						type: 'regex',
						properties: {
							regex: `.*${KNOWLEDGE_URL_PATTERN}.*`,
							errorMessage: 'Not the address of a knowledge base',
						},
					},
				],
			},
			{
				displayName: 'By Name',
				name: 'name',
				type: 'string',
				placeholder: 'e.g. Product manuals',
			},
		],
	};
}

/** An uploaded file by list or ID. */
export function fileProperty(): INodeProperties {
	return {
		displayName: 'File',
		name: 'file',
		type: 'resourceLocator',
		default: { mode: 'list', value: '' },
		description: 'An uploaded file',
		modes: [
			{
				displayName: 'From List',
				name: 'list',
				type: 'list',
				placeholder: 'Select a file...',
				typeOptions: { searchListMethod: 'searchFiles', searchable: true },
			},
			{
				displayName: 'By ID',
				name: 'id',
				type: 'string',
				placeholder: 'e.g. 0f8fad5b-d9cb-469f-a165-70867728950e',
			},
		],
	};
}

/** The switch between the short and the server's own form of the output. */
export const simplifyProperty: INodeProperties = {
	displayName: 'Simplify',
	name: 'simplify',
	type: 'boolean',
	default: true,
	description: 'Whether to return a simplified version of the response instead of the raw data',
};

/** How many items are worked on at the same time. */
export function concurrencyOption(defaultCount: number): INodeProperties {
	return {
		displayName: 'Items at Once',
		name: 'concurrency',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: defaultCount,
		description: 'How many items are worked on at the same time',
	};
}

/** How long to wait between items. */
export const pauseOption: INodeProperties = {
	displayName: 'Pause Between Items',
	name: 'pause',
	type: 'number',
	typeOptions: { minValue: 0, numberPrecision: 2 },
	default: 1,
	hint: 'In seconds',
	description:
		'How long each of the items at once waits after an item before it begins the next, for servers that limit how often they are asked',
};

/** The time limit, in seconds. */
export function timeoutOption(defaultSeconds: number, description: string): INodeProperties {
	return {
		displayName: 'Timeout',
		name: 'timeout',
		type: 'number',
		typeOptions: { minValue: 1 },
		default: defaultSeconds,
		hint: 'In seconds',
		description,
	};
}
