import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { Answer } from './answer';

/** So much of an answer that is no JSON is shown. */
const MAX_SHOWN_LENGTH = 500;

/** Numbers in brackets between words are citations, such as [1] or [1, 2]. */
function isCitation(text: string): boolean {
	return /^\[[\d\s,]*\]$/.test(text);
}

/** Where the JSON that begins at `start` ends, as far as its brackets tell. */
function endOf(text: string, start: number): number | undefined {
	let depth = 0;
	const token = /"(?:[^"\\]|\\[\s\S])*"|[[\]{}]/g;
	token.lastIndex = start;
	for (let match = token.exec(text); match; match = token.exec(text)) {
		const [bracket] = match;
		if (bracket === '{' || bracket === '[') depth += 1;
		else if (bracket === '}' || bracket === ']') depth -= 1;
		if (depth === 0) return token.lastIndex;
	}
	return undefined;
}

/**
 * The parts of a text from a bracket to the one that closes it, citations left out. Never a part of a part: of
 * an object with a mistake, or one that was cut off, a piece would look like the whole.
 */
function* bracketed(text: string): Generator<string> {
	const bracket = /[[{]/g;
	for (let match = bracket.exec(text); match; match = bracket.exec(text)) {
		const end = endOf(text, match.index);
		if (end === undefined) return;
		bracket.lastIndex = end;
		const part = text.slice(match.index, end);
		if (!isCitation(part)) yield part;
	}
}

/** Where the JSON of an answer may be: all of it, in a Markdown fence, or between words. */
function* candidatesOf(content: string): Generator<string> {
	yield content;
	const fenced = /```(?:json)?\s*([\s\S]*?)\s*```/i.exec(content)?.[1];
	if (fenced !== undefined) yield fenced;
	yield* bracketed(content);
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
