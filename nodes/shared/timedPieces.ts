import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError, sleep } from 'n8n-workflow';

import { orCancelled } from './context';
import type { ByteStream } from './streams';

/** How often a silent stream is looked after, in milliseconds. */
const TICK_MS = 500;

/**
 * The pieces of a stream until `endAt` (epoch milliseconds). The HTTP client's own time limit ends
 * with the head of the answer. Throws a NodeOperationError when the time is over or the execution is
 * stopped; the connection is closed in every case.
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
			const winner = await orCancelled(context, Promise.race([next, tick]), itemIndex);
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
