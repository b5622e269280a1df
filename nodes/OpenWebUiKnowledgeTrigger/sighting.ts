import type { IDataObject } from 'n8n-workflow';

import { numberOf, objectOf, textOf } from '../shared/guards';
import type { TextState } from '../shared/polling';

/** How far a file is: readable by a search, given up by the server, or still on its way. */
export type Status = 'searchable' | 'failed' | 'busy';

/** A file as one look at the server shows it. */
export interface Sighting {
	id: string;
	filename: string;
	status: Status;
	/** SHA-256 of the text, in hex; empty where the server does not tell. */
	hash: string;
	/** Why the server gave up. */
	reason?: string;
	/** How far the text of a file is that looks failed for want of one; undefined where nobody has asked. */
	text?: TextState;
	/** Whether the file is in the list that is watched; false for one that failed on its way into it. */
	isInside: boolean;
	/** The server's own time of the last change, in seconds. Never compared with the time of n8n. */
	changedAt: number;
	record: IDataObject;
}

/** What one look at a list of files shows. */
export interface Reading {
	sightings: Map<string, Sighting>;
	/** Whether the list came in one piece: what is not in it was not there. */
	isAtomic: boolean;
}

function statusOf(status: string | undefined, hash: string): Status {
	if (status === 'completed') return 'searchable';
	if (status === 'failed') return 'failed';
	// Lists of knowledge bases, and servers that process a file while it is uploaded, have no status.
	return status === undefined && hash !== '' ? 'searchable' : 'busy';
}

/** The file of a record, or of an entry in the list of a knowledge base, which has no `data`. */
export function sightingOf(record: IDataObject, isInside = true): Sighting {
	const data = objectOf(record.data);
	const hash = textOf(record.hash) ?? '';
	const id = String(record.id);
	return {
		id,
		filename: textOf(record.filename) ?? textOf(objectOf(record.meta).name) ?? id,
		status: statusOf(textOf(data.status), hash),
		hash,
		reason: textOf(data.error),
		isInside,
		changedAt: numberOf(record.updated_at) ?? 0,
		record,
	};
}
