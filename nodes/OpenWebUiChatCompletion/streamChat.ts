import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isCancelled } from '../shared/context';
import { unexpectedAnswer } from '../shared/errors';
import { objectOf } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import { isByteStream, readAll } from '../shared/streams';
import { timedPieces } from '../shared/timedPieces';
import { openWebUiResponse } from '../shared/transport';
import type { Answer } from './answer';
import { answerOf } from './answer';
import { CHAT_PATH } from './completion';
import { SseReader } from './sse';
import { StreamedAnswer } from './streamedAnswer';

/** What the stream of an item must keep to. */
export interface StreamRules {
	timeoutMs: number;
	/** False for sources on which no answer may rest: then nothing is passed on. */
	mayAnswer: (sources: unknown) => boolean;
	itemIndex: number;
}

/**
 * Passes pieces of the answer on to the user, once there is something to pass on. n8n's typings call
 * sendChunk synchronous; it gives a promise.
 */
class Outlet {
	private begun = false;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly itemIndex: number,
	) {}

	async write(text: string): Promise<void> {
		if (text === '') return;
		await this.begin();
		await this.context.sendChunk('item', this.itemIndex, text);
	}

	async end(rest: string): Promise<void> {
		await this.write(rest);
		await this.begin();
		await this.context.sendChunk('end', this.itemIndex);
	}

	/** Says that what was begun will not be ended. Where the fault ends the workflow n8n itself says so. */
	async breakOff(error: unknown): Promise<void> {
		const { context } = this;
		const goesOn = context.continueOnFail() || context.getNode().retryOnFail === true;
		if (!this.begun || isCancelled(context) || !goesOn) return;
		await context.sendChunk('error', this.itemIndex, String(objectOf(error).message ?? error));
	}

	private async begin(): Promise<void> {
		if (this.begun) return;
		this.begun = true;
		await this.context.sendChunk('begin', this.itemIndex);
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

/** How reading went on: to the next events, to the end of the answer, or not at all without sources. */
type Progress = 'more' | 'done' | 'refused';

/** Reads the stream of one item. */
class StreamReading {
	readonly answer: StreamedAnswer;

	readonly outlet: Outlet;

	/** Sources come first: once a word may be passed on, all that follow may. */
	private isGrounded = false;

	constructor(
		readonly context: IExecuteFunctions,
		model: string,
		readonly rules: StreamRules,
	) {
		this.answer = new StreamedAnswer(model);
		this.outlet = new Outlet(context, rules.itemIndex);
	}

	async take(events: string[]): Promise<Progress> {
		for (const data of events) {
			const step = this.answer.take(data);
			if (step.error !== undefined) {
				throw brokenStream(this.context, step.error, this.rules.itemIndex);
			}
			if (step.text !== undefined) {
				this.isGrounded ||= this.rules.mayAnswer(this.answer.sources);
				if (!this.isGrounded) return 'refused';
				await this.outlet.write(step.text);
			}
			if (step.done) return 'done';
		}
		return 'more';
	}

	/** Ends what was passed on. Throws when the answer is not whole. */
	async finish(progress: Progress): Promise<void> {
		const { answer, context, rules } = this;
		if (answer.hasAnswer && progress !== 'done' && !answer.isFinished) {
			throw brokenStream(context, 'The stream of the answer ended in the middle', rules.itemIndex);
		}
		if (!answer.hasAnswer) {
			throw unexpectedAnswer(
				context,
				'The server sent no answer of the model',
				'The stream ended without a word. Look at the log of Open WebUI.',
				rules.itemIndex,
			);
		}
		if (rules.mayAnswer(answer.sources)) await this.outlet.end(answer.heldBack());
	}
}

async function readEvents(
	reading: StreamReading,
	pieces: AsyncIterable<Uint8Array>,
): Promise<Answer> {
	const reader = new SseReader();
	let progress: Progress = 'more';
	for await (const piece of pieces) {
		progress = await reading.take(reader.push(piece));
		if (progress !== 'more') break;
	}
	if (progress === 'more') progress = await reading.take(reader.end());
	if (progress !== 'refused') await reading.finish(progress);
	return reading.answer.toAnswer();
}

async function readStream(
	reading: StreamReading,
	pieces: AsyncIterable<Uint8Array>,
): Promise<Answer> {
	try {
		return await readEvents(reading, pieces);
	} catch (error) {
		await reading.outlet.breakOff(error);
		throw withItemIndex(reading.context, error, reading.rules.itemIndex);
	}
}

/**
 * Asks for a streamed answer, passes its pieces on to whoever started the workflow, and gives the
 * whole; without sources that it may rest on it reads no further and passes nothing on. An answer that
 * is not a stream after all is passed on in one piece. Throws with the server's words, when the stream
 * breaks off, or when the time is over.
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
		const reading = new StreamReading(context, String(body.model), rules);
		return await readStream(reading, timedPieces(context, stream, endAt, itemIndex));
	}
	const answer = answerOf(context, await readAll(stream), itemIndex);
	if (!rules.mayAnswer(answer.sources)) return answer;
	const outlet = new Outlet(context, itemIndex);
	await outlet.write(answer.content);
	await outlet.end('');
	return answer;
}
