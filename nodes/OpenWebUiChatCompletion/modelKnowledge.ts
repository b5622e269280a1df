import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { isObject, objectOf } from '../shared/guards';
import { isMissingRoute } from '../shared/missingRoute';
import { isRefusal } from '../shared/retry';
import { openWebUiResponse } from '../shared/transport';

/** The server reads one row for the answer. */
const TIMEOUT_MS = 10_000;

/** What the server's own search understands of what can be attached to a model. */
const TYPES = ['collection', 'file', 'note'];

/** What belongs to a model. */
export interface ModelKnowledge {
	/** As entries for `files`. */
	entries: IDataObject[];
	/** Why it is not known, in the words of the error. */
	fault?: string;
}

function entriesIn({ meta, params }: IDataObject): IDataObject[] {
	if (objectOf(params).function_calling === 'legacy') return [];
	const { knowledge } = objectOf(meta);
	const entries: unknown[] = Array.isArray(knowledge) ? knowledge : [];
	// Unchanged: a server that adds them by itself knows them again, and takes each once.
	return entries.filter(isObject).filter(({ type, id }) => TYPES.includes(String(type)) && Boolean(id));
}

/**
 * The knowledge bases, files and notes that are attached to a model of Open WebUI's workspace, as entries for
 * `files`; none for other models. Since 0.10 Open WebUI gives them to the model as tools, which an API
 * call does not have, and answers without them. A model that is set to the old way is left to it.
 */
export async function askForModelKnowledge(
	context: IExecuteFunctions,
	model: string,
	itemIndex: number,
): Promise<ModelKnowledge> {
	try {
		const response = await openWebUiResponse(context, {
			path: '/api/v1/models/model',
			qs: { id: model },
			timeoutMs: TIMEOUT_MS,
			itemIndex,
			tolerate: (answer) => isRefusal(answer) || isMissingRoute(answer),
		});
		return { entries: response.statusCode === 200 ? entriesIn(objectOf(response.body)) : [] };
	} catch (error) {
		throwIfCancelled(context, itemIndex);
		return { entries: [], fault: String(objectOf(error).message ?? error) };
	}
}
