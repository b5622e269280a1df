import type { IDataObject } from 'n8n-workflow';

/** Statuses that say "not now" before any work was done. */
const RETRY_STATUSES = [429, 503];

/**
 * Tries in all, with the pauses below: eight seconds for a busy server, four after faults. Were every tenth
 * request to fail by chance, one in a million would fail for good.
 */
export const MAX_TRIES = 6;

const FIRST_DELAY_MS = 500;
const MAX_DELAY_MS = 2_000;

/** Statuses of a fault on the way or in the server; whether work was done is unknown. */
const FAULT_STATUSES = [500, 502, 504];

const FIRST_FAULT_DELAY_MS = 150;

/** A longer Retry-After is a quota, not a moment: the error is then shown at once. */
const MAX_RETRY_AFTER_MS = 60_000;

/** True for an answer of a server that is busy. */
export function isBusy({ statusCode }: { statusCode: number }): boolean {
	return RETRY_STATUSES.includes(statusCode);
}

/** True for an answer that another try does not change: the server refuses, and not because it is busy. */
export function isRefusal({ statusCode }: { statusCode: number }): boolean {
	return statusCode >= 400 && statusCode < 500 && statusCode !== 429;
}

function retryAfterMs(headers: IDataObject): number | undefined {
	const value = headers['retry-after'];
	if (typeof value !== 'string' || value.trim() === '') return undefined;
	const seconds = Number(value);
	if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
	const date = Date.parse(value);
	return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Twice as long after each try. Varies by a quarter, so that parallel items do not come back together. */
function growing(firstMs: number, tries: number): number {
	const delayMs = Math.min(firstMs * 2 ** (tries - 1), MAX_DELAY_MS);
	return delayMs * (0.875 + Math.random() * 0.25);
}

/**
 * How long to wait, in milliseconds, before a request that does no harm when it is done twice is sent
 * again after a fault, such as a cut connection; `firstMs` after the first try. Undefined after the last one.
 */
export function faultDelayMs(tries: number, firstMs = FIRST_FAULT_DELAY_MS): number | undefined {
	return tries >= MAX_TRIES ? undefined : growing(firstMs, tries);
}

/**
 * How long to wait before the next try, in milliseconds, after try number `tries` (from 1) ended
 * with `status`. Undefined when another try is of no use, or would do harm: after a fault only a
 * `repeatable` request is sent again.
 */
export function retryDelayMs(
	status: number,
	headers: IDataObject,
	tries: number,
	repeatable = false,
): number | undefined {
	if (repeatable && FAULT_STATUSES.includes(status)) return faultDelayMs(tries);
	if (!isBusy({ statusCode: status }) || tries >= MAX_TRIES) return undefined;
	const asked = retryAfterMs(headers);
	if (asked !== undefined) return asked <= MAX_RETRY_AFTER_MS ? asked : undefined;
	return growing(FIRST_DELAY_MS, tries);
}
