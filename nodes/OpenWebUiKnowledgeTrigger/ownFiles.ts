import { textOf } from '../shared/guards';
import type { RequestContext } from '../shared/context';
import { FILES_AT_ONCE, filesByName } from '../shared/files';
import type { Reading } from './sighting';
import { sightingOf } from './sighting';

/** A look at the uploaded files, and whose they are when all have one owner. */
export interface OwnFiles extends Reading {
	owner?: string;
}

/**
 * The files of the key's user, or, on servers that do not tell them apart (before 0.12.4), all that the
 * user may read. One request for 1,000 files.
 */
export async function readOwnFiles(context: RequestContext): Promise<OwnFiles> {
	const owners = new Set<string>();
	const reading: OwnFiles = { sightings: new Map(), isAtomic: true };
	for await (const record of filesByName(context, '*')) {
		const sighting = sightingOf(record);
		reading.sightings.set(sighting.id, sighting);
		owners.add(textOf(record.user_id) ?? '');
	}
	reading.isAtomic = reading.sightings.size < FILES_AT_ONCE;
	const [owner] = owners;
	return owners.size === 1 && owner !== '' ? { ...reading, owner } : reading;
}
