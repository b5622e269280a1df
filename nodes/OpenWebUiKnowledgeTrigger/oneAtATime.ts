import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import { Turns } from '../shared/turns';

const turns = new Turns();
const waiting = new Set<string>();

/**
 * Lets the polls of one trigger run one after the other: n8n starts a poll although the last one is still
 * waiting for a slow server, and two that compare with the same memory would give the same events. One may
 * wait for another; further ones give nothing, as the one that waits sees what they would have seen.
 */
export async function oneAtATime(
	context: IPollFunctions,
	poll: () => Promise<IDataObject[]>,
): Promise<IDataObject[]> {
	const key = `${String(context.getWorkflow().id)}:${context.getNode().id}`;
	if (waiting.has(key)) return [];
	waiting.add(key);
	return await turns.take(key, async () => {
		waiting.delete(key);
		return await poll();
	});
}
