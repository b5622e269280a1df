import type { IDataObject } from 'n8n-workflow';

import { isObject, objectOf, textOf } from '../shared/guards';
import { serverMessage } from '../shared/serverMessage';
import type { Answer } from './answer';
import { messageText } from './messageText';
import { ReasoningFilter, splitReasoning } from './reasoning';

const LOST_FAULT =
	'The model server reported a fault in the middle of the answer, and Open WebUI did not pass it on';

/** What an event of the stream means for the reader. */
export interface Step {
	/** A piece of the answer to pass on; empty while the model thinks. */
	text?: string;
	/** The server's words for a fault in the middle of the stream. */
	error?: string;
	done?: boolean;
}

/** A tool call whose arguments arrive in pieces. */
interface ToolCall extends IDataObject {
	index: number;
	id: string;
	type: string;
	function: { name: string; arguments: string };
}

/**
 * Open WebUI turns the line with which Ollama reports a fault in the middle of an answer into an empty
 * last piece; only the name in it tells.
 */
function isLostFault(event: IDataObject, choice: IDataObject): boolean {
	const { content, tool_calls: toolCalls } = objectOf(choice.delta);
	return event.model === 'ollama' && !event.usage && !content && !toolCalls;
}

/**
 * Puts an answer together from the events of a stream: deltas, the `sources` event of Open WebUI,
 * usage, faults, the end mark.
 */
export class StreamedAnswer {
	private content = '';

	private reasoning = '';

	private readonly filter = new ReasoningFilter();

	private readonly toolCalls: ToolCall[] = [];

	private readonly head: IDataObject = {};

	private finishReason: string | undefined;

	private usage: IDataObject | undefined;

	sources: unknown[] = [];

	constructor(private readonly askedModel: string) {}

	/** Takes the data of one event in. Data that is not JSON is passed over. */
	take(data: string): Step {
		if (data.trim() === '[DONE]') return { done: true };
		const event = parsed(data);
		if (!event) return {};
		const error = event.error ?? (event.choices === undefined ? event.detail : undefined);
		if (error !== undefined && error !== null)
			return { error: serverMessage({ error }) ?? 'The stream broke off' };
		if (Array.isArray(event.sources))
			this.sources = [...this.sources, ...(event.sources as unknown[])];
		if (isObject(event.usage)) this.usage = event.usage;
		for (const key of ['id', 'model', 'created']) this.head[key] ??= event[key];
		const choices: unknown[] = Array.isArray(event.choices) ? event.choices : [];
		const choice = objectOf(choices[0]);
		if (this.askedModel !== 'ollama' && isLostFault(event, choice)) return { error: LOST_FAULT };
		return this.takeChoice(choice);
	}

	private takeChoice(choice: IDataObject): Step {
		this.finishReason = textOf(choice.finish_reason) ?? this.finishReason;
		const delta = objectOf(choice.delta ?? choice.message);
		const { content, reasoning } = messageText(delta);
		this.reasoning += reasoning ?? '';
		for (const call of Array.isArray(delta.tool_calls) ? delta.tool_calls : [])
			this.takeToolCall(objectOf(call));
		if (content === '') return reasoning === undefined ? {} : { text: '' };
		this.content += content;
		return { text: this.filter.take(content) };
	}

	private takeToolCall(piece: IDataObject): void {
		const index = typeof piece.index === 'number' ? piece.index : this.toolCalls.length;
		const part = objectOf(piece.function);
		let call = this.toolCalls.find((known) => known.index === index);
		if (!call) {
			call = { index, id: '', type: 'function', function: { name: '', arguments: '' } };
			this.toolCalls.push(call);
		}
		call.id = textOf(piece.id) ?? call.id;
		call.function.name += textOf(part.name) ?? '';
		call.function.arguments += textOf(part.arguments) ?? '';
	}

	/** A part of the answer that was held back because it looked like the beginning of a thought. */
	heldBack(): string {
		return this.filter.end(this.isCutOff);
	}

	/** True once the model has said something or ended. */
	get hasAnswer(): boolean {
		return (
			this.content !== '' || this.reasoning !== '' || this.toolCalls.length > 0 || this.isFinished
		);
	}

	/** True once the model has given a reason for its end. */
	get isFinished(): boolean {
		return this.finishReason !== undefined;
	}

	/** True once the model has come to the limit of tokens. */
	private get isCutOff(): boolean {
		return this.finishReason === 'length';
	}

	/** The whole answer, in the same shape as one that was not streamed. */
	toAnswer(): Answer {
		const said = { content: this.content, reasoning: textOf(this.reasoning) };
		const { content, reasoning } = splitReasoning(said, this.isCutOff);
		const message: IDataObject = { role: 'assistant', content: this.content };
		if (this.reasoning !== '') message.reasoning_content = this.reasoning;
		if (this.toolCalls.length > 0) message.tool_calls = this.toolCalls;
		const sources = this.sources as IDataObject[];
		return {
			content,
			reasoning,
			toolCalls: this.toolCalls,
			model: textOf(this.head.model),
			finishReason: this.finishReason,
			usage: this.usage,
			sources,
			raw: {
				...(sources.length > 0 ? { sources } : {}),
				...this.head,
				object: 'chat.completion',
				choices: [{ index: 0, message, finish_reason: this.finishReason ?? null }],
				usage: this.usage ?? null,
			},
		};
	}
}

function parsed(data: string): IDataObject | undefined {
	try {
		const value: unknown = JSON.parse(data);
		return isObject(value) ? value : undefined;
	} catch {
		return undefined;
	}
}
