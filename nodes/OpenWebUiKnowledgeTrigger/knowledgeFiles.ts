import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from '../shared/context';
import { FILES_AT_ONCE, filesByName } from '../shared/files';
import { objectOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import type { Entry } from './entry';
import { MAX_SINGLE_RECORDS, readRecord } from './fileRecord';
import { readLinkedFiles } from './linkedFiles';
import type { Reading, Sighting } from './sighting';
import { sightingOf } from './sighting';

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

/** The files in the base. One without a hash is on its way or has failed: only its record tells. */
async function linkedSightings(
	context: RequestContext,
	entries: IDataObject[],
	records: Map<string, IDataObject> | undefined,
): Promise<Map<string, Sighting>> {
	const sightings = new Map<string, Sighting>();
	let left = MAX_SINGLE_RECORDS;
	for (const entry of entries) {
		const id = String(entry.id);
		let sighting = sightingOf(entry);
		if (records && sighting.hash === '') {
			// A file that somebody else has put into the base may not be among the records.
			const single = records.has(id) || left-- <= 0 ? undefined : await readRecord(context, id);
			const record = records.get(id) ?? single?.record;
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
 * `known` is what is remembered of the base; undefined at the first look. Throws a NodeApiError with the
 * server's words, or when the server contradicts itself.
 */
export async function readKnowledgeFiles(
	context: RequestContext,
	base: KnowledgeBase,
	withFailures: boolean,
	known: ReadonlyMap<string, Entry> | undefined,
): Promise<Reading> {
	// First the records: what fails and is put right in between is then seen in the base.
	const records = withFailures ? await readRecords(context) : undefined;
	const linked = await readLinkedFiles(context, base, known);
	const sightings = await linkedSightings(context, linked.entries, records);
	const isAtomic = linked.isAtomic && (records?.size ?? 0) < FILES_AT_ONCE;
	for (const [id, record] of records ?? []) {
		if (sightings.has(id) || !isMeantFor(record, base)) continue;
		const sighting = sightingOf(record, false);
		if (sighting.status === 'failed') sightings.set(id, sighting);
	}
	return { sightings, isAtomic };
}
