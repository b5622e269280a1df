import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { numberOf, objectOf } from '../shared/guards';
import type { FileWait } from '../shared/polling';
import { processAgain, readStatus, waitForFile } from '../shared/polling';
import { statusOf } from './output';

/** Nothing takes a server so long. One that is restarted forgets what it was processing, and never ends it. */
const LOST_AFTER_SECONDS = 24 * 60 * 60;

/** Few files take a server so long; to have it begin a file twice does no harm. */
const STALLED_AFTER_SECONDS = 60 * 60;

const UNFINISHED = ['pending', 'processing'];

/** How long the server has been at a file, in seconds; undefined for one that it has ended with. */
function unfinishedSeconds(record: IDataObject): number | undefined {
	if (!UNFINISHED.includes(String(objectOf(record.data).status))) return undefined;
	const changedAt = numberOf(record.updated_at);
	return changedAt === undefined ? 0 : Date.now() / 1000 - changedAt;
}

/** True when processing ended badly, or will never end. */
export function isFailed(record: IDataObject): boolean {
	const seconds = unfinishedSeconds(record);
	return seconds === undefined ? objectOf(record.data).status === 'failed' : seconds > LOST_AFTER_SECONDS;
}

/** Lets the server begin anew with a file that it may have forgotten in a restart: it would stay unfinished for ever. */
async function revive(context: IExecuteFunctions, record: IDataObject, wait: FileWait): Promise<void> {
	if ((unfinishedSeconds(record) ?? 0) <= STALLED_AFTER_SECONDS) return;
	// The record may be of a list that was read a while ago.
	if (UNFINISHED.includes(await readStatus(context, wait))) await processAgain(context, wait);
}

/** How to wait for a file; `isOurs` for one that was sent just now, so that its age needs no look. */
export interface SearchableWait extends Pick<FileWait, 'timeoutMs' | 'itemIndex'> {
	isOurs: boolean;
	/** Told the status at every look. */
	onLook: (status: string) => void;
}

/**
 * The record of a file once it is searchable. One of an earlier run that has been unfinished for more than an hour
 * is first given to the server again. Throws what waitForFile throws.
 */
export async function searchable(
	context: IExecuteFunctions,
	record: IDataObject,
	{ isOurs, ...how }: SearchableWait,
): Promise<IDataObject> {
	if (statusOf(record) === 'completed') {
		how.onLook('completed');
		return record;
	}
	const wait: FileWait = { ...how, fileId: String(record.id), doubtFailure: true };
	if (!isOurs) await revive(context, record, wait);
	return await waitForFile(context, wait);
}
