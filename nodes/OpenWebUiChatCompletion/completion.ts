import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { openWebUiRequest } from '../shared/transport';
import type { Answer } from './answer';
import { answerOf } from './answer';

export const CHAT_PATH = '/api/chat/completions';

/** Asks for an answer in one piece. Throws a NodeApiError with the server's words otherwise. */
export async function completeChat(
	context: IExecuteFunctions,
	body: IDataObject,
	timeoutMs: number,
	itemIndex: number,
): Promise<Answer> {
	const answer = await openWebUiRequest(context, {
		method: 'POST',
		path: CHAT_PATH,
		body: () => body,
		timeoutMs,
		itemIndex,
	});
	return answerOf(context, answer, itemIndex);
}
