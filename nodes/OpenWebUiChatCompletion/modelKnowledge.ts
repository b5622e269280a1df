import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { isObject, objectOf } from '../shared/guards';
import { openWebUiResponse } from '../shared/transport';

/** The server reads one row for the answer. */
const TIMEOUT_MS = 10_000;

/**
 * The knowledge bases and files that are attached to a model of Open WebUI's workspace, as entries for
 * `files`; none for other models. Since 0.10 Open WebUI gives them to the model as tools, which an API
 * call does not have, and answers without them. A model that is set to the old way is left to it.
 */
export async function askForModelKnowledge(
	context: IExecuteFunctions,
	model: string,
	itemIndex: number,
): Promise<IDataObject[]> {
	try {
		const { body, statusCode } = await openWebUiResponse(context, {
			path: '/api/v1/models/model',
			qs: { id: model },
			timeoutMs: TIMEOUT_MS,
			itemIndex,
			tolerate: () => true,
		});
		const { meta, params } = statusCode === 200 ? objectOf(body) : {};
		if (objectOf(params).function_calling === 'legacy') return [];
		const { knowledge } = objectOf(meta);
		const entries: unknown[] = Array.isArray(knowledge) ? knowledge : [];
		return entries
			.filter(isObject)
			.filter(({ type, id }) => ['collection', 'file'].includes(String(type)) && Boolean(id))
			.map(({ type, id }) => ({ type, id }));
	} catch {
		// What is wrong with the server will show in the chat itself.
		throwIfCancelled(context, itemIndex);
		return [];
	}
}
