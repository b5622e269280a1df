import type { IExecuteFunctions } from 'n8n-workflow';

import { pause, throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { MAX_TRIES } from '../shared/retry';
import { withItemIndex } from '../shared/runItems';

/** A change whose effect can be looked up. */
export interface Change {
	send: () => Promise<void>;
	/** Looks at the server whether the change is there. */
	isDone: () => Promise<boolean>;
	timeoutMs: number;
	itemIndex: number;
}

/** How long a server that failed quickly gets to show that it did the work all the same. */
const QUICK_LOOK_MS = 400;

/** A request cut after this time met the limit of a proxy; the server behind it works on. */
const SLOW_MS = 20_000;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;

async function faultOf(send: () => Promise<void>): Promise<unknown> {
	try {
		await send();
	} catch (error) {
		return error;
	}
	return undefined;
}

/** True for faults that leave open whether the server has done the work. One that is busy (503) has not. */
function isUnclear(fault: unknown): boolean {
	if (!isObject(fault) || fault.name !== 'NodeApiError') return false;
	const status = Number(fault.httpCode ?? 0);
	return status === 0 || (status >= 500 && status !== 503);
}

async function becomesDone(
	context: IExecuteFunctions,
	change: Change,
	lookForMs: number,
): Promise<boolean> {
	const endAt = Date.now() + lookForMs;
	for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 2, MAX_DELAY_MS)) {
		if (await change.isDone()) return true;
		if (Date.now() + delayMs > endAt) return false;
		await pause(context, delayMs, change.itemIndex);
	}
}

/**
 * Makes a change that must not be made twice. After a fault that leaves its outcome open (status 500,
 * 502 or 504, a cut connection) it looks whether the change is there, and only then tries again.
 * Throws a NodeApiError when the server refuses, goes on failing, or the time is over.
 */
export async function sendOnce(context: IExecuteFunctions, change: Change): Promise<void> {
	const { itemIndex, timeoutMs } = change;
	const endAt = Date.now() + timeoutMs;
	for (let tries = 1; ; tries++) {
		const sentAt = Date.now();
		const fault = await faultOf(change.send);
		if (fault === undefined) return;
		throwIfCancelled(context, itemIndex);
		if (!isUnclear(fault)) throw withItemIndex(context, fault, itemIndex);
		const isSlow =
			Date.now() - sentAt >= SLOW_MS || (isObject(fault) && fault.httpCode === '504');
		const lookForMs = isSlow ? endAt - Date.now() : QUICK_LOOK_MS;
		if (await becomesDone(context, change, lookForMs)) return;
		const isOver = isSlow || tries >= MAX_TRIES || Date.now() >= endAt;
		if (isOver) throw withItemIndex(context, fault, itemIndex);
	}
}
