import type { IDataObject } from 'n8n-workflow';

import { isObject, objectOf, textOf } from '../shared/guards';
import type { Entry } from './entry';
import { toEntry, toText } from './entry';

/** What is remembered of one list of files. */
export interface ListMemory {
	entries: Map<string, Entry>;
	/** Whose files they were, where one user owns all. */
	owner?: string;
	/** Whether failed files were looked for. */
	withFailures: boolean;
}

const FIELD = 'watched';

function toMemory(stored: IDataObject): ListMemory {
	const entries = new Map<string, Entry>();
	for (const [id, text] of Object.entries(objectOf(stored.files))) {
		const entry = toEntry(String(text));
		if (entry) entries.set(id, entry);
	}
	return { entries, owner: textOf(stored.owner), withFailures: stored.withFailures === true };
}

function toStored({ entries, owner, withFailures }: ListMemory): IDataObject {
	const files: IDataObject = {};
	for (const [id, entry] of entries) files[id] = toText(entry);
	return { files, withFailures, ...(owner === undefined ? {} : { owner }) };
}

/** The memory of each list in the node's static data, by the key of the list. */
export function recall(staticData: IDataObject): Map<string, ListMemory> {
	const lists = new Map<string, ListMemory>();
	for (const [key, stored] of Object.entries(objectOf(staticData[FIELD]))) {
		if (isObject(stored)) lists.set(key, toMemory(stored));
	}
	return lists;
}

/**
 * Puts the memory of all lists into the node's static data, in place of what was there: some 60 bytes a
 * file, and the length of its name where removed files are watched for.
 */
export function remember(staticData: IDataObject, lists: Map<string, ListMemory>): void {
	const stored: IDataObject = {};
	for (const [key, memory] of lists) stored[key] = toStored(memory);
	if (JSON.stringify(stored) !== JSON.stringify(staticData[FIELD])) staticData[FIELD] = stored;
}
