import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { Answer } from './answer';

/** So much of an answer that is no JSON is shown. */
const MAX_SHOWN_LENGTH = 500;

/** Numbers in brackets between words are citations, such as [1] or [1, 2]. */
function isCitation(text: string): boolean {
	return /^\[[\d\s,]*\]$/.test(text);
}

const CLOSING: Record<string, string> = { '{': '}', '[': ']' };

/** Where the JSON that begins at `start` ends, as far as its brackets tell; undefined when they do not fit. */
function endOf(text: string, start: number): number | undefined {
	const open: string[] = [];
	const token = /"(?:[^"\\]|\\[\s\S])*"|[[\]{}]/g;
	token.lastIndex = start;
	for (let match = token.exec(text); match; match = token.exec(text)) {
		const [part] = match;
		if (part.startsWith('"')) continue;
		const closing = CLOSING[part];
		if (closing !== undefined) open.push(closing);
		else if (open.pop() !== part) return undefined;
		if (open.length === 0) return token.lastIndex;
	}
	return undefined;
}

/** After so many brackets without a partner no more are looked at: an answer may be long. */
const MAX_UNMATCHED = 100;

/** True where an object or a list may begin: what follows the bracket could stand in one. */
function mayBegin(text: string, start: number): boolean {
	return /^(\{\s*["}]|\[\s*["[{\]\dtfn-])/.test(text.slice(start, start + 50));
}

/**
 * The parts of a text from a bracket to the one that closes it, citations left out and empty ones last. Never a
 * part of a part: of an object with a mistake, or one that was cut off, a piece would look like the whole.
 */
function bracketed(text: string, isCutOff: boolean): string[] {
	const full: string[] = [];
	const empty: string[] = [];
	const bracket = /[[{]/g;
	let unmatched = 0;
	for (let match = bracket.exec(text); match; match = bracket.exec(text)) {
		const start = match.index;
		const end = endOf(text, start);
		if (end === undefined) {
			// Of words, such as an interval "[0, 1)", or the beginning of what has no end.
			const isOfWords = !mayBegin(text, start) || (match[0] === '[' && !isCutOff);
			if (isOfWords && ++unmatched < MAX_UNMATCHED) continue;
			break;
		}
		bracket.lastIndex = end;
		const part = text.slice(start, end);
		if (/^[[{]\s*[\]}]$/.test(part)) empty.push(part);
		else if (!isCitation(part)) full.push(part);
	}
	return [...full, ...empty];
}

/** Where the JSON of an answer may be: all of it, in a Markdown fence, or between words. */
function* candidatesOf(content: string, isCutOff: boolean): Generator<string> {
	yield content;
	const fenced = /```(?:json)?\s*([\s\S]*?)\s*```/i.exec(content)?.[1];
	if (fenced !== undefined) yield fenced;
	yield* bracketed(content, isCutOff);
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
	for (const text of candidatesOf(content, finishReason === 'length')) {
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
