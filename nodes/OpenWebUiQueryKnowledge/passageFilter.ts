import type { IDataObject } from 'n8n-workflow';

import { entriesOf, objectOf, textList } from '../shared/guards';

/** A found passage, and what the server knows of it. */
export interface FoundPassage {
	passage: IDataObject;
	metadata: IDataObject;
}

/** True for a passage that an item wants to see. */
export type PassageFilter = (found: FoundPassage) => boolean;

/** As texts are compared: the parts of a letter may be stored joined or apart. */
const comparable = (value: unknown): string => String(value ?? '').trim().normalize('NFC');

/** True if the name is the pattern, in which `*` stands for any text and `?` for any letter. */
function isLike(name: string, pattern: string): boolean {
	const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&');
	const expression = escaped.replace(/\*+/g, '.*').replace(/\?/g, '.');
	return new RegExp(`^${expression}$`, 'isu').test(name);
}

function fromFiles(patterns: string[]): PassageFilter {
	const wanted = patterns.map(comparable);
	return ({ passage }) => {
		const name = comparable(passage.file);
		return wanted.some((pattern) => pattern === passage.fileId || isLike(name, pattern));
	};
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
 * with. No server filters its search by these, so they are for its answer.
 */
export function passageFilters(options: IDataObject): PassageFilter[] {
	const filters: PassageFilter[] = [];
	const patterns = textList(options.onlyFiles);
	if (patterns.length > 0) filters.push(fromFiles(patterns));
	for (const { name, value } of entriesOf(objectOf(options.metadataFilter).fields)) {
		const field = String(name ?? '').trim();
		if (field !== '') filters.push(withValue(field, comparable(value)));
	}
	return filters;
}
