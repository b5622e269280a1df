import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { entriesOf, objectOf, textList } from '../shared/guards';
import { comparable, nameTest } from '../shared/namePattern';

/** A found passage, and what the server knows of it. */
export interface FoundPassage {
	passage: IDataObject;
	metadata: IDataObject;
}

/** True for a passage that an item wants to see. */
export type PassageFilter = (found: FoundPassage) => boolean;

function fromFiles(patterns: string[]): PassageFilter {
	const wanted = patterns.map((pattern) => ({ pattern, isLike: nameTest(pattern) }));
	return ({ passage }) =>
		wanted.some(({ pattern, isLike }) => pattern === passage.fileId || isLike(passage.file));
}

function withValue(name: string, wanted: string): PassageFilter {
	return ({ metadata }) => {
		const value = metadata[name];
		const values: unknown[] = Array.isArray(value) ? value : [value];
		return values.some((one) => one !== undefined && comparable(one) === wanted);
	};
}

/**
 * The filters of an item's options: by file, and by fields of the metadata that the files were uploaded
 * with. No server filters its search by these, so they are for its answer. Throws a NodeOperationError for
 * one that is blank: without a word it would let through what it was to keep out.
 */
export function passageFilters(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): PassageFilter[] {
	const filters: PassageFilter[] = [];
	const fault = (message: string, description: string): NodeOperationError =>
		new NodeOperationError(context.getNode(), message, { description, itemIndex });
	if ('onlyFiles' in options) {
		const patterns = textList(options.onlyFiles);
		if (patterns.length === 0) {
			throw fault(
				'The option "Only Files" is empty: enter * for all files',
				'Without a name passages of all files would be found. Check the expression, or remove the option.',
			);
		}
		filters.push(fromFiles(patterns));
	}
	for (const { name, value } of entriesOf(objectOf(options.metadataFilter).fields)) {
		const field = String(name ?? '').trim();
		if (field === '') {
			throw fault(
				'A field of the option "Metadata Filter" has no name',
				'It would filter nothing. Enter a name, check its expression, or remove the field.',
			);
		}
		filters.push(withValue(field, comparable(value)));
	}
	return filters;
}
