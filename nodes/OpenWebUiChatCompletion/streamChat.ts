import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { isByteStream, readAll } from '../shared/streams';
import { timedPieces } from '../shared/timedPieces';
import { openWebUiResponse } from '../shared/transport';
import type { Answer } from './answer';
import { answerOf } from './answer';
import { CHAT_PATH } from './completion';
import { assertSources } from './requireSources';
import { flatSources } from './sources';
import { SseReader } from './sse';
import { StreamedAnswer } from './streamedAnswer';

/** What the stream of an item must keep to. */
export interface StreamRules {
	timeoutMs: number;
	requireSources: boolean;
	itemIndex: number;
}

/**
 * Passes pieces of the answer on to the user, once it is sure that there will be an answer. n8n's
 * typings call sendChunk synchronous; it gives a promise.
 */
class Outlet {
	private begun = false;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly answer: StreamedAnswer,
		private readonly rules: StreamRules,
	) {}

	async write(text: string): Promise<void> {
		const { itemIndex, requireSources } = this.rules;
		if (requireSources) assertSources(this.context, flatSources(this.answer.sources), itemIndex);
		await this.begin();
		await this.context.sendChunk('item', itemIndex, text);
	}

	async end(): Promise<void> {
		await this.begin();
		await this.context.sendChunk('end', this.rules.itemIndex);
	}

	private async begin(): Promise<void> {
		if (this.begun) return;
		this.begun = true;
		await this.context.sendChunk('begin', this.rules.itemIndex);
	}
}

function brokenStream(
	context: IExecuteFunctions,
	message: string,
	itemIndex: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), message, {
		description: 'The model server ended the answer in the middle. Look at the log of Open WebUI.',
		itemIndex,
	});
}

async function takeEvents(
	context: IExecuteFunctions,
	events: string[],
	answer: StreamedAnswer,
	outlet: Outlet,
	itemIndex: number,
): Promise<boolean> {
	for (const data of events) {
		const step = answer.take(data);
		if (step.error !== undefined) throw brokenStream(context, step.error, itemIndex);
		if (step.text !== undefined) await outlet.write(step.text);
		if (step.done) return true;
	}
	return false;
}

async function readEvents(
	context: IExecuteFunctions,
	pieces: AsyncIterable<Uint8Array>,
	rules: StreamRules,
): Promise<Answer> {
	const { itemIndex } = rules;
	const answer = new StreamedAnswer();
	const outlet = new Outlet(context, answer, rules);
	const reader = new SseReader();
	let done = false;
	for await (const piece of pieces) {
		done = await takeEvents(context, reader.push(piece), answer, outlet, itemIndex);
		if (done) break;
	}
	done ||= await takeEvents(context, reader.end(), answer, outlet, itemIndex);
	if (answer.hasAnswer && !done && !answer.isFinished) {
		throw brokenStream(context, 'The stream of the answer ended in the middle', itemIndex);
	}
	if (!answer.hasAnswer) {
		throw unexpectedAnswer(
			context,
			'The server sent no answer of the model',
			'The stream ended without a word. Look at the log of Open WebUI.',
			itemIndex,
		);
	}
	await outlet.end();
	return answer.toAnswer();
}

/**
 * Asks for a streamed answer, passes its pieces on to whoever started the workflow, and gives the
 * whole. An answer that is not a stream after all is passed on in one piece. Throws with the server's
 * words, when the stream breaks off, or when the time is over.
 */
export async function streamChat(
	context: IExecuteFunctions,
	body: IDataObject,
	rules: StreamRules,
): Promise<Answer> {
	const { itemIndex, timeoutMs } = rules;
	const endAt = Date.now() + timeoutMs;
	const response = await openWebUiResponse(context, {
		method: 'POST',
		path: CHAT_PATH,
		body: () => body,
		timeoutMs,
		itemIndex,
		stream: true,
	});
	const stream: unknown = response.body;
	const isEvents = String(response.headers['content-type'] ?? '').includes('event-stream');
	if (isEvents && isByteStream(stream)) {
		return await readEvents(context, timedPieces(context, stream, endAt, itemIndex), rules);
	}
	const answer = answerOf(context, await readAll(stream), itemIndex);
	if (rules.requireSources) assertSources(context, flatSources(answer.sources), itemIndex);
	await context.sendChunk('begin', itemIndex);
	await context.sendChunk('item', itemIndex, answer.content);
	await context.sendChunk('end', itemIndex);
	return answer;
}
