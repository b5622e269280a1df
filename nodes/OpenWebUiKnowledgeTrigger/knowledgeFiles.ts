import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from '../shared/context';
import { unexpectedAnswer } from '../shared/errors';
import { FILES_AT_ONCE, filesByName } from '../shared/files';
import { numberOf, objectOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { filesOfBase, pagedEntries } from '../shared/pages';
import { openWebUiResponse } from '../shared/transport';
import type { Reading, Sighting } from './sighting';
import { sightingOf } from './sighting';

/** What the server gives at once to users without special rights. Administrators get what they ask for. */
const ENTRIES_AT_ONCE = 30;

/** Most records that are asked for one by one in a look; the rest has its turn at the next one. */
const MAX_SINGLE_RECORDS = 50;

/** Said of a file whose text is in another base already; it stays searchable where it is. */
const REFUSED_TWIN = /duplicate content/i;

/** The records of all files that the user may read, by ID. */
async function readRecords(context: RequestContext): Promise<Map<string, IDataObject>> {
	const records = new Map<string, IDataObject>();
	for await (const record of filesByName(context, '*', undefined, true)) {
		records.set(String(record.id), record);
	}
	return records;
}

/** The record of a file that somebody else has put into the base. */
async function readRecord(context: RequestContext, id: string): Promise<IDataObject> {
	const response = await openWebUiResponse(context, {
		path: `/api/v1/files/${encodeURIComponent(id)}`,
		tolerate: ({ statusCode }) => statusCode === 404,
	});
	if (response.statusCode === 404) return {};
	const record = objectOf(response.body);
	const data = { ...objectOf(record.data) };
	delete data.content;
	return { ...record, data };
}

/** The files in the base. One without a hash is on its way or has failed: only its record tells. */
async function readLinked(
	context: RequestContext,
	base: KnowledgeBase,
	records: Map<string, IDataObject> | undefined,
): Promise<Map<string, Sighting>> {
	const sightings = new Map<string, Sighting>();
	// In this order new entries come last and move none of the others to a page that was read already.
	const qs = { limit: FILES_AT_ONCE, order_by: 'created_at', direction: 'asc' };
	let left = MAX_SINGLE_RECORDS;
	for await (const entry of filesOfBase(context, base.id, qs)) {
		const id = String(entry.id);
		let sighting = sightingOf(entry);
		if (records && sighting.hash === '') {
			const record = records.get(id) ?? (left-- > 0 ? await readRecord(context, id) : {});
			sighting = sightingOf({ ...entry, ...record, id });
			if (REFUSED_TWIN.test(sighting.reason ?? '')) sighting.status = 'searchable';
		}
		sightings.set(id, sighting);
	}
	return sightings;
}

/** Whether the file was uploaded in order to be put into the base. */
function isMeantFor({ meta }: IDataObject, base: KnowledgeBase): boolean {
	return objectOf(objectOf(meta).data).knowledge_id === base.id;
}

/**
 * The files of a knowledge base and, with `withFailures`, those that failed on their way into it. One
 * request for 30 files in it (1,000 for administrators), and for 1,000 files that the user may read.
 */
export async function readKnowledgeFiles(
	context: RequestContext,
	base: KnowledgeBase,
	withFailures: boolean,
): Promise<Reading> {
	// First the records: what fails and is put right in between is then seen in the base.
	const records = withFailures ? await readRecords(context) : undefined;
	const sightings = await readLinked(context, base, records);
	const isAtomic = sightings.size <= ENTRIES_AT_ONCE && (records?.size ?? 0) < FILES_AT_ONCE;
	for (const [id, record] of records ?? []) {
		if (sightings.has(id) || !isMeantFor(record, base)) continue;
		const sighting = sightingOf(record, false);
		if (sighting.status === 'failed') sightings.set(id, sighting);
	}
	return { sightings, isAtomic };
}

/**
 * Throws a NodeApiError when the server counts files in a base whose list came back empty: Open WebUI
 * answers so when its own query fails.
 */
export async function assertEmpty(context: RequestContext, base: KnowledgeBase): Promise<void> {
	for await (const entry of pagedEntries(context, '/api/v1/knowledge/')) {
		if (entry.id !== base.id) continue;
		const count = numberOf(entry.file_count) ?? 0;
		if (count === 0) return;
		throw unexpectedAnswer(
			context,
			`The server lists no files of the knowledge base "${base.name}" although it counts ${count}`,
			'The next look is taken as usual, and no event is lost. Look at the log of the server if this stays.',
		);
	}
}
