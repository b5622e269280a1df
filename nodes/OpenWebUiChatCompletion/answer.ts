import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { isObject, numberOf, objectOf, textOf } from '../shared/guards';
import { serverMessage } from '../shared/serverMessage';
import { parsedOf } from './parsedJson';
import { messageText } from './messageText';
import { splitReasoning } from './reasoning';

/** What the model said, apart from the shape in which it came. */
export interface Answer {
	content: string;
	reasoning: string | undefined;
	toolCalls: unknown[];
	model: string | undefined;
	finishReason: string | undefined;
	usage: IDataObject | undefined;
	sources: unknown;
	/** The server's own answer, for the output without Simplify. */
	raw: IDataObject;
}

/**
 * The answer in a completion. Throws a NodeApiError when there is none: null (older servers after a
 * fault of the model server), or an error with status 200.
 */
export function answerOf(context: IExecuteFunctions, body: unknown, itemIndex: number): Answer {
	const raw = objectOf(body);
	const choices: unknown[] = Array.isArray(raw.choices) ? raw.choices : [];
	const choice = objectOf(choices[0]);
	if (!isObject(choice.message)) {
		throw unexpectedAnswer(
			context,
			serverMessage(body) ?? 'The server sent no answer of the model',
			raw.task_ids === undefined && raw.task_id === undefined
				? 'Status 200 without an answer usually means that the model server failed. Look at the log of Open WebUI.'
				: 'The server answers into one of its own chats. Take chat_id, session_id and id out of Options > Additional Body Fields.',
			itemIndex,
		);
	}
	const { message } = choice;
	const toolCalls: unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
	const finishReason = textOf(choice.finish_reason);
	return {
		...splitReasoning(messageText(message), finishReason === 'length'),
		toolCalls,
		model: textOf(raw.model),
		finishReason,
		usage: isObject(raw.usage) ? raw.usage : undefined,
		sources: raw.sources,
		raw,
	};
}

interface Usage extends IDataObject {
	promptTokens: number;
	completionTokens: number;
	totalTokens: number;
}

/** The tokens of an answer, under whichever of the two usual names the server counts them. */
export function usageOf(usage: IDataObject | undefined): Usage | null {
	if (!usage) return null;
	const promptTokens = numberOf(usage.prompt_tokens) ?? numberOf(usage.input_tokens) ?? 0;
	const completionTokens = numberOf(usage.completion_tokens) ?? numberOf(usage.output_tokens) ?? 0;
	return {
		promptTokens,
		completionTokens,
		totalTokens: numberOf(usage.total_tokens) ?? promptTokens + completionTokens,
	};
}

/** How the output of an item is to look. */
export interface OutputForm {
	simplify: boolean;
	wantsJson: boolean;
	/** The passages that count, for the short form. */
	passages: IDataObject[];
}

/**
 * The output of an item: the short form, or the server's own. With a JSON response format both hold the
 * parsed object. Throws a NodeOperationError when the answer is not JSON then.
 */
export function outputOf(
	context: IExecuteFunctions,
	answer: Answer,
	form: OutputForm,
	itemIndex: number,
): IDataObject {
	const hasTools = answer.toolCalls.length > 0;
	const parsed =
		form.wantsJson && !hasTools
			? { parsed: parsedOf(context, answer, itemIndex) as IDataObject }
			: {};
	if (!form.simplify) return { ...answer.raw, ...parsed };
	return {
		content: answer.content,
		...(answer.reasoning === undefined ? {} : { reasoning: answer.reasoning }),
		...parsed,
		...(hasTools ? { toolCalls: answer.toolCalls as IDataObject[] } : {}),
		model: answer.model ?? null,
		finishReason: answer.finishReason ?? null,
		usage: usageOf(answer.usage),
		sources: form.passages,
	};
}
