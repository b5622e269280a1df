import { objectOf } from '../shared/guards';
import type { Answer } from './answer';

/** What may be worth a remark about an item. */
export interface Outcome {
	answer: Answer;
	/** True when knowledge or files were attached. */
	hasAttachments: boolean;
	/** True when something was found in them. */
	isGrounded: boolean;
	/** Sentences about attachments that could not be used. */
	faults: string[];
	/** Why nothing was found, when nothing was. */
	reason: string;
	/** True when the request itself brings tools, whose calls are then the caller's. */
	bringsTools: boolean;
	/** Sentences about entries and options with nothing in them. */
	blanks: string[];
}

function emptyAnswer({ content, toolCalls, finishReason, reasoning }: Answer): string | undefined {
	if (content.trim() !== '' || toolCalls.length > 0) return undefined;
	if (finishReason === 'length' && reasoning !== undefined) {
		return 'the model used all its tokens for reasoning. Raise Options > Max Tokens.';
	}
	return 'the answer is empty. The model had nothing to say, or the model server failed and Open WebUI did not pass that on: look at its log.';
}

/** Tools that belong to a model: Open WebUI calls them in its web page alone, not for an API call. */
function uncalledTools({ content, toolCalls }: Answer, isExpected: boolean): string | undefined {
	if (isExpected || toolCalls.length === 0 || content.trim() !== '') return undefined;
	const names = toolCalls.map((call) => String(objectOf(objectOf(call).function).name));
	return `the model asks for tools that nobody has called (${[...new Set(names)].join(', ')}), and has not answered. They are in the field toolCalls.`;
}

/** What is easily overlooked in an answer that reads like any other. */
export function remarksOf({
	answer,
	hasAttachments,
	isGrounded,
	faults,
	reason,
	bringsTools,
	blanks,
}: Outcome): string[] {
	const remarks = [...blanks];
	if (hasAttachments && !isGrounded) {
		remarks.push(
			`nothing was found in the knowledge and files, the model answered without them. ${reason}`,
		);
	} else {
		remarks.push(...faults.map((fault) => `an attachment was not used. ${fault}`));
	}
	const empty = emptyAnswer(answer) ?? uncalledTools(answer, bringsTools);
	if (empty !== undefined) remarks.push(empty);
	else if (answer.finishReason === 'length') {
		remarks.push('the answer was cut off at the limit of tokens. Raise Options > Max Tokens.');
	}
	return remarks;
}
