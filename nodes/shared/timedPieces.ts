import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError, sleep } from 'n8n-workflow';

import { orCancelled, throwIfCancelled } from './context';
import { faultCode } from './errors';
import type { ByteStream } from './streams';

/** How often a silent stream is looked after, in milliseconds. */
const TICK_MS = 500;

/** What the work gives; the error of a connection that was cut says no more than "aborted". */
async function orCut<T>(
	context: IExecuteFunctions,
	work: Promise<T>,
	itemIndex: number,
): Promise<T> {
	try {
		return await orCancelled(context, work, itemIndex);
	} catch (error) {
		throwIfCancelled(context, itemIndex);
		throw new NodeOperationError(
			context.getNode(),
			'The connection was cut in the middle of the answer',
			{
				description: `The server was stopped, or a proxy in front of it has a time limit of its own (${faultCode(error) ?? String(error)}).`,
				itemIndex,
			},
		);
	}
}

/**
 * The pieces of a stream until `endAt` (epoch milliseconds). The HTTP client's own time limit ends
 * with the head of the answer. Throws a NodeOperationError when the time is over, the connection is cut
 * or the execution is stopped; the connection is closed in every case.
 */
export async function* timedPieces(
	context: IExecuteFunctions,
	stream: ByteStream,
	endAt: number,
	itemIndex: number,
): AsyncGenerator<Uint8Array> {
	const iterator = stream[Symbol.asyncIterator]();
	try {
		let tick = sleep(TICK_MS);
		let next = iterator.next();
		for (;;) {
			const winner = await orCut(context, Promise.race([next, tick]), itemIndex);
			if (Date.now() > endAt) {
				throw new NodeOperationError(
					context.getNode(),
					'The answer was not complete within the time limit',
					{
						description: 'Raise Options > Timeout, or limit the answer with Options > Max Tokens.',
						itemIndex,
					},
				);
			}
			if (!winner) {
				tick = sleep(TICK_MS);
				continue;
			}
			if (winner.done) return;
			yield winner.value;
			next = iterator.next();
		}
	} finally {
		closeQuietly(iterator);
	}
}

/** A stream that has already ended or broken may complain about being closed: nobody needs that. */
function closeQuietly(iterator: AsyncIterator<Uint8Array>): void {
	iterator.return?.().then(undefined, () => undefined);
}
