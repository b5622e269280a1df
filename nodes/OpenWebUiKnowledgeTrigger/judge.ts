import { createHash } from 'crypto';

import type { Entry } from './entry';
import type { Sighting } from './sighting';

/** What can happen to a file. */
export type EventKind = 'searchable' | 'failed' | 'removed';

/** What a look at a file means: what to remember from now on, and what has happened. */
export interface Verdict {
	/** Undefined: nothing is to be remembered. */
	entry: Entry | undefined;
	kind?: EventKind;
	/** Whether the file was searchable before, with another text. */
	isUpdate?: boolean;
}

/** Long enough that two texts of one file never share it. */
const MARK_LENGTH = 12;

/**
 * How long a file that has a text may look failed for want of it. Embedding a long one takes its time, but a
 * server that was stopped meanwhile leaves it like this for good.
 */
const MAX_DOUBT_S = 3_600;

/**
 * A server that is asked to link a file while it is still reading it shows it as failed for want of text
 * and goes on with it afterwards.
 */
const MAY_PASS = /content provided is empty/i;

function reasonMark(reason: string | undefined): string {
	return createHash('sha256')
		.update(reason ?? '')
		.digest('hex')
		.slice(0, MARK_LENGTH);
}

/** Without a doubt that the file has overcome. */
function settled(entry: Entry | undefined): Entry | undefined {
	if (!entry || entry.phase === 'n') return undefined;
	return { ...entry, doubt: undefined, doubtedSince: undefined };
}

function judgeSearchable(entry: Entry | undefined, hash: string): Verdict {
	const mark = hash.slice(0, MARK_LENGTH);
	const wasSearchable = entry?.phase === 's';
	// A server that does not tell the hash does not tell of a change either.
	const isSame = wasSearchable && (entry.mark === mark || mark === '' || entry.mark === '');
	if (isSame) return { entry: { phase: 's', mark: mark || entry.mark } };
	return { entry: { phase: 's', mark }, kind: 'searchable', isUpdate: wasSearchable };
}

/** Whether a failed file has a text, or nobody has looked yet: the server goes on with it then. */
function mayHaveText({ reason, text }: Sighting): boolean {
	return reason !== undefined && (text === undefined || text === 'read');
}

/** Whether a file looks failed for want of text, as it did at the look before: its text tells then. */
export function isStillDoubted(entry: Entry | undefined, sighting: Sighting): boolean {
	const { status, reason, changedAt } = sighting;
	if (status !== 'failed' || entry?.doubt !== changedAt) return false;
	return MAY_PASS.test(reason ?? '');
}

function judgeFailed(entry: Entry | undefined, sighting: Sighting, isFinal: boolean): Verdict {
	const { reason, isInside, changedAt } = sighting;
	const mark = reasonMark(reason);
	const phase = isInside ? 'f' : 'x';
	if ((entry?.phase === 'f' || entry?.phase === 'x') && entry.mark === mark) {
		return { entry: { phase, mark } };
	}
	const nowS = Math.floor(Date.now() / 1000);
	const isSecondLook = entry?.doubt === changedAt;
	const doubtedSince = isSecondLook ? (entry.doubtedSince ?? nowS) : nowS;
	const mayPass = reason === undefined || MAY_PASS.test(reason);
	const goesOn = !isSecondLook || (mayHaveText(sighting) && nowS - doubtedSince < MAX_DOUBT_S);
	if (isFinal || !mayPass || !goesOn) return { entry: { phase, mark }, kind: 'failed' };
	return { entry: { ...(entry ?? { phase: 'n', mark: '' }), doubt: changedAt, doubtedSince } };
}

/**
 * Compares a file with what is remembered of it. With `isFinal` a failed file is taken for failed at the
 * first look, also where that may pass.
 */
export function judge(entry: Entry | undefined, sighting: Sighting, isFinal = false): Verdict {
	if (sighting.status === 'searchable') return judgeSearchable(entry, sighting.hash);
	if (sighting.status === 'busy') return { entry: settled(entry) };
	return judgeFailed(entry, sighting, isFinal);
}

/** What it means that a file is no longer there. */
export function judgeGone(entry: Entry): Verdict {
	const wasInside = entry.phase === 's' || entry.phase === 'f';
	return wasInside ? { entry: undefined, kind: 'removed' } : { entry: undefined };
}
