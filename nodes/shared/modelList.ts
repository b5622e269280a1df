import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from './context';
import { unexpectedAnswer } from './errors';
import { entriesOf, holdsList } from './guards';
import type { OpenWebUiRequest } from './transport';
import { openWebUiRequest } from './transport';

/**
 * The models that the server offers, in its own entries. Throws a NodeApiError when the answer is no list:
 * an empty one would look like a server without models.
 */
export async function requestModels(
	context: RequestContext,
	request: Partial<OpenWebUiRequest> = {},
): Promise<IDataObject[]> {
	const body = await openWebUiRequest(context, { path: '/api/models', ...request });
	if (holdsList(body)) return entriesOf(body);
	throw unexpectedAnswer(
		context,
		'The server sent no list of models',
		'Check that the base URL in the credential is the address of Open WebUI, and whether a proxy in front of it answers in its place.',
		request.itemIndex,
	);
}
