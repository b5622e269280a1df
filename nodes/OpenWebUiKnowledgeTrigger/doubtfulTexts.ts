import type { RequestContext } from '../shared/context';
import type { Entry } from './entry';
import { MAX_SINGLE_RECORDS, readRecord } from './fileRecord';
import { isStillDoubted } from './judge';
import { sightingOf } from './sighting';
import type { Sighting } from './sighting';

/**
 * Learns of files that still look failed for want of text whether they have one, by their own records: lists do
 * not tell. One request for each such file.
 */
export async function readDoubtfulTexts(
	context: RequestContext,
	sightings: Map<string, Sighting>,
	known: ReadonlyMap<string, Entry>,
): Promise<void> {
	let left = MAX_SINGLE_RECORDS;
	for (const [id, sighting] of sightings) {
		if (!isStillDoubted(known.get(id), sighting)) continue;
		if (left-- <= 0) return;
		const found = await readRecord(context, id);
		if (!found) continue;
		const { status, changedAt } = sightingOf(found.record);
		// One that has gone on since the list was read is left to the next look.
		if (status === 'failed' && changedAt === sighting.changedAt) sighting.text = found.text;
	}
}
