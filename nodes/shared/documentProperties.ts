import type { INodeProperties } from 'n8n-workflow';

import { fileProperty, knowledgeProperty } from './properties';

/** Any number of knowledge bases; `chosenKnowledge` reads it together with `knowledgeIdsOption`. */
export function knowledgeListProperty(description: string): INodeProperties {
	return {
		displayName: 'Knowledge',
		name: 'knowledgeBases',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add knowledge base',
		default: {},
		description,
		options: [{ displayName: 'Knowledge Base', name: 'values', values: [knowledgeProperty()] }],
	};
}

/** Any number of files; `chosenFiles` reads it together with `fileIdsOption`. */
export function fileListProperty(description: string): INodeProperties {
	return {
		displayName: 'Files',
		name: 'files',
		type: 'fixedCollection',
		typeOptions: { multipleValues: true },
		placeholder: 'Add file',
		default: {},
		description,
		options: [{ displayName: 'File', name: 'values', values: [fileProperty()] }],
	};
}

/** More files, by expression. */
export const fileIdsOption: INodeProperties = {
	displayName: 'File IDs',
	name: 'fileIds',
	type: 'string',
	default: '',
	placeholder: 'e.g. 0f8fad5b-d9cb-469f-a165-70867728950e',
	description: 'IDs of uploaded files, separated by commas, or an array by expression',
};

/** More knowledge bases, by expression. */
export const knowledgeIdsOption: INodeProperties = {
	displayName: 'Knowledge IDs',
	name: 'knowledgeIds',
	type: 'string',
	default: '',
	placeholder: 'e.g. 7c9e6679-7425-40de-944b-e07fc1f90ae7',
	description: 'IDs of knowledge bases, separated by commas, or an array by expression',
};
