import type { IExecuteFunctions, ILoadOptionsFunctions } from 'n8n-workflow';
import { NodeOperationError, sleep } from 'n8n-workflow';

/** Whatever a request can be made from: a running node or a picker in the editor. */
export type RequestContext = IExecuteFunctions | ILoadOptionsFunctions;

/** A cancel check and a wait cannot be combined without timers, so long waits are cut into slices. */
const SLICE_MS = 200;

/** True once the user has stopped the execution. Pickers cannot be stopped. */
export function isCancelled(context: RequestContext): boolean {
	return 'getExecutionCancelSignal' in context
		? context.getExecutionCancelSignal()?.aborted === true
		: false;
}

/** Throws a NodeOperationError once the execution has been stopped; n8n knows it by "canceled". */
export function throwIfCancelled(context: RequestContext, itemIndex?: number): void {
	if (isCancelled(context)) {
		throw new NodeOperationError(context.getNode(), 'The execution was canceled', { itemIndex });
	}
}

/** Waits `delayMs` and ends early, with a NodeOperationError, when the execution is stopped. */
export async function pause(
	context: RequestContext,
	delayMs: number,
	itemIndex?: number,
): Promise<void> {
	const endAt = Date.now() + delayMs;
	throwIfCancelled(context, itemIndex);
	for (let left = delayMs; left > 0; left = endAt - Date.now()) {
		await sleep(Math.min(left, SLICE_MS));
		throwIfCancelled(context, itemIndex);
	}
}
