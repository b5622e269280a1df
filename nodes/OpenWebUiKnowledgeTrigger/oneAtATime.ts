import type { IDataObject, IPollFunctions } from 'n8n-workflow';

const atWork = new Set<string>();

/** What tells the triggers of this n8n apart. */
export function triggerKey(context: IPollFunctions): string {
	return `${String(context.getWorkflow().id)}:${context.getNode().id}`;
}

/**
 * Lets one poll of a trigger run at a time, and gives nothing for those that come meanwhile: n8n starts a poll
 * although the last one is still waiting for a slow server, and two that compare with the same memory would
 * give the same events. What they would have seen is left for the next one.
 */
export async function oneAtATime(
	context: IPollFunctions,
	poll: () => Promise<IDataObject[]>,
): Promise<IDataObject[]> {
	const key = triggerKey(context);
	if (atWork.has(key)) return [];
	atWork.add(key);
	try {
		return await poll();
	} finally {
		atWork.delete(key);
	}
}
