import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { Answer } from './answer';

/** So much of an answer that is no JSON is shown. */
const MAX_SHOWN_LENGTH = 500;

/** What stands in brackets of a kind, from the first to the last of them. */
function bracketed(content: string, open: string, close: string): string[] {
	const start = content.indexOf(open);
	const end = content.lastIndexOf(close);
	return start < 0 || end < start ? [] : [content.slice(start, end + 1)];
}

/** Numbers in brackets between words are citations, such as [1] or [1, 2]. */
function isCitation(text: string): boolean {
	return /^\[[\d\s,]*\]$/.test(text);
}

/** Where the JSON of an answer may be: all of it, in a Markdown fence, or between words. */
function candidatesOf(content: string): string[] {
	const fenced = /```(?:json)?\s*([\s\S]*?)\s*```/i.exec(content)?.[1];
	const lists = bracketed(content, '[', ']').filter((text) => !isCitation(text));
	const objects = bracketed(content, '{', '}');
	// The outer brackets come first: a list of one object is a list.
	const isList = content.indexOf('[') < content.indexOf('{');
	const outer = isList ? [...lists, ...objects] : [...objects, ...lists];
	return [content, ...(fenced === undefined ? [] : [fenced]), ...outer];
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
