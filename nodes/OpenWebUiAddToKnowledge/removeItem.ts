import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { withItemIndex } from '../shared/runItems';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import { linkPlace } from './linkPlace';
import { unlinkFile } from './links';
import type { RunState } from './runState';
import { readLinkedFiles } from './runState';

type Action = 'removed' | 'unchanged';

/** The server's answer for a file that is not, or no longer, in the knowledge base. */
function mayBeGone(error: unknown): boolean {
	return isObject(error) && ['400', '404'].includes(String(error.httpCode));
}

/**
 * Takes the file of an item out of its knowledge base and tells what was done. A file that is not
 * there is no fault, also when somebody else took it out just now.
 */
export async function removeItem(
	context: IExecuteFunctions,
	state: RunState,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const { base, fileId, linked } = await linkPlace(context, state, itemIndex);
	let action: Action = 'unchanged';
	if (linked.has(fileId)) {
		const link = { base, fileId, timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS), itemIndex };
		try {
			await unlinkFile(context, link, options.deleteFile === true);
			action = 'removed';
		} catch (error) {
			throwIfCancelled(context, itemIndex);
			const gone =
				mayBeGone(error) && !(await readLinkedFiles(context, base, itemIndex)).has(fileId);
			if (!gone) throw withItemIndex(context, error, itemIndex);
		}
		linked.delete(fileId);
	}
	return [
		{ knowledgeId: base.id, knowledgeName: base.name, fileId, action, fileCount: linked.size },
	];
}
