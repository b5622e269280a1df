import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { isObject, numberOf, objectOf, textOf } from '../shared/guards';
import { serverMessage } from '../shared/serverMessage';
import { flatSources } from './sources';

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

const THINKING = /^\s*<(think|thinking|reasoning)>([\s\S]*?)<\/\1>\s*/i;

function textOfContent(content: unknown): string {
	if (typeof content === 'string') return content;
	const parts: unknown[] = Array.isArray(content) ? content : [];
	return parts.map((part) => textOf(objectOf(part).text) ?? '').join('');
}

/** Reasoning that a model wrote at the head of its answer, in tags, is moved out of it. */
export function splitReasoning(
	content: string,
	reasoning: string | undefined,
): { content: string; reasoning: string | undefined } {
	const match = THINKING.exec(content);
	if (!match) return { content, reasoning };
	const thought = (match[2] ?? '').trim();
	return {
		content: content.slice(match[0].length),
		reasoning: [reasoning, thought].filter((text) => text).join('\n') || undefined,
	};
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
			'Status 200 without an answer usually means that the model server failed. Look at the log of Open WebUI.',
			itemIndex,
		);
	}
	const { message } = choice;
	const toolCalls: unknown[] = Array.isArray(message.tool_calls) ? message.tool_calls : [];
	return {
		...splitReasoning(
			textOfContent(message.content),
			textOf(message.reasoning_content) ?? textOf(message.reasoning),
		),
		toolCalls,
		model: textOf(raw.model),
		finishReason: textOf(choice.finish_reason),
		usage: isObject(raw.usage) ? raw.usage : undefined,
		sources: raw.sources,
		raw,
	};
}

function usageOf(usage: IDataObject | undefined): IDataObject | null {
	if (!usage) return null;
	const promptTokens = numberOf(usage.prompt_tokens) ?? numberOf(usage.input_tokens) ?? 0;
	const completionTokens = numberOf(usage.completion_tokens) ?? numberOf(usage.output_tokens) ?? 0;
	return {
		promptTokens,
		completionTokens,
		totalTokens: numberOf(usage.total_tokens) ?? promptTokens + completionTokens,
	};
}

/** Models like to wrap JSON in a Markdown fence. */
function withoutFence(content: string): string {
	return /^\s*```(?:json)?\s*([\s\S]*?)\s*```\s*$/i.exec(content)?.[1] ?? content;
}

function parsedOf(context: IExecuteFunctions, answer: Answer, itemIndex: number): IDataObject {
	try {
		return { parsed: JSON.parse(withoutFence(answer.content)) as IDataObject };
	} catch {
		const cut =
			answer.finishReason === 'length' ? 'It was cut off: raise Options > Max Tokens. ' : '';
		throw new NodeOperationError(context.getNode(), 'The answer of the model is not JSON', {
			description: `${cut}It begins with: ${answer.content.slice(0, 200)}`,
			itemIndex,
		});
	}
}

/**
 * The output of an item: the short form, or the server's own with `simplify` off. With a JSON response
 * format both hold the parsed object. Throws a NodeOperationError when the answer is not JSON then.
 */
export function outputOf(
	context: IExecuteFunctions,
	answer: Answer,
	wantsJson: boolean,
	itemIndex: number,
): IDataObject {
	const parsed =
		wantsJson && answer.toolCalls.length === 0 ? parsedOf(context, answer, itemIndex) : {};
	if (context.getNodeParameter('simplify', itemIndex) !== true) return { ...answer.raw, ...parsed };
	return {
		content: answer.content,
		...(answer.reasoning === undefined ? {} : { reasoning: answer.reasoning }),
		...parsed,
		...(answer.toolCalls.length > 0 ? { toolCalls: answer.toolCalls as IDataObject[] } : {}),
		model: answer.model ?? null,
		finishReason: answer.finishReason ?? null,
		usage: usageOf(answer.usage),
		sources: flatSources(answer.sources),
	};
}
