import type { IExecuteFunctions } from 'n8n-workflow';

import { eachBounded } from './bounded';
import { pause } from './context';
import { numberOf } from './guards';
import { countOf, runOption } from './options';

/** How fast a run works. */
export interface Pace {
	/** How many things are worked on at the same time. */
	concurrency: number;
	/** How long each of these waits after one thing before it begins the next, in milliseconds. */
	pauseMs: number;
	/** Whether there is to be a pause after the work for an index; after each if it is left out. */
	needsPause?: (after: number) => boolean;
}

/** The pace that the options of the node ask for; they hold for the whole run. */
export function paceOf(context: IExecuteFunctions, defaultConcurrency = 1): Pace {
	const seconds = numberOf(Number(runOption(context, 'pause') ?? 0)) ?? 0;
	return {
		concurrency: countOf(runOption(context, 'concurrency'), defaultConcurrency),
		pauseMs: Math.max(0, seconds * 1000),
	};
}

/** As eachBounded, at a pace. Throws a NodeOperationError when the execution is stopped in a pause. */
export async function eachPaced(
	context: IExecuteFunctions,
	count: number,
	{ concurrency, pauseMs, needsPause }: Pace,
	work: (index: number) => Promise<void>,
): Promise<void> {
	await eachBounded(count, concurrency, work, async (after) => {
		if (needsPause?.(after) ?? true) await pause(context, pauseMs);
	});
}
