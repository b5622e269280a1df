import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { Answer } from './answer';

/** So much of an answer that is no JSON is shown. */
const MAX_SHOWN_LENGTH = 500;

/** Where the JSON of an answer may be: all of it, in a Markdown fence, or between words. */
function candidatesOf(content: string): string[] {
	const fenced = /```(?:json)?\s*([\s\S]*?)\s*```/i.exec(content)?.[1];
	const object = /\{[\s\S]*\}/.exec(content)?.[0];
	const array = /\[[\s\S]*\]/.exec(content)?.[0];
	return [content, fenced, object, array].filter((text) => text !== undefined);
}

/**
 * The object that the model answered with. Models like to wrap it in a fence or in a sentence. Throws a
 * NodeOperationError that shows the answer when there is no JSON in it.
 */
export function parsedOf(
	context: IExecuteFunctions,
	{ content, finishReason }: Answer,
	itemIndex: number,
): unknown {
	for (const text of candidatesOf(content)) {
		try {
			return JSON.parse(text) as unknown;
		} catch {
			// The next candidate may do.
		}
	}
	const cut = finishReason === 'length' ? 'It was cut off: raise Options > Max Tokens. ' : '';
	const shown = content.slice(0, MAX_SHOWN_LENGTH) + (content.length > MAX_SHOWN_LENGTH ? '…' : '');
	const said = content.trim() === '' ? 'The answer is empty.' : `It says: ${shown}`;
	throw new NodeOperationError(context.getNode(), 'The answer of the model is not JSON', {
		description: cut + said,
		itemIndex,
	});
}
