import type { IExecuteFunctions, ILoadOptionsFunctions, IPollFunctions } from 'n8n-workflow';
import { NodeOperationError, sleep } from 'n8n-workflow';

/** Whatever a request can be made from: a running node, a polling trigger or a picker in the editor. */
export type RequestContext = IExecuteFunctions | ILoadOptionsFunctions | IPollFunctions;

/** A wait that was given up leaves a timer behind; slices keep that short. */
const SLICE_MS = 1_000;

/** What tells that the user has stopped the execution. Pickers and polls cannot be stopped. */
function cancelSignal(context: RequestContext): AbortSignal | undefined {
	return 'getExecutionCancelSignal' in context ? context.getExecutionCancelSignal() : undefined;
}

/** True once the user has stopped the execution. */
export function isCancelled(context: RequestContext): boolean {
	return cancelSignal(context)?.aborted === true;
}

/**
 * True when an AI agent runs the node as its tool, whose output a model reads. n8n's own
 * isToolExecution() is false where the engine, and not the agent, runs the tool.
 */
export function isUsedAsTool(context: IExecuteFunctions): boolean {
	return context.getNode().type.endsWith('Tool');
}

/** Throws a NodeOperationError once the execution has been stopped; n8n knows it by "canceled". */
export function throwIfCancelled(context: RequestContext, itemIndex?: number): void {
	if (isCancelled(context)) {
		throw new NodeOperationError(context.getNode(), 'The execution was canceled', { itemIndex });
	}
}

/**
 * What the work gives, or a NodeOperationError at the moment the execution is stopped. The work itself
 * is not ended by this; what it gives afterwards, also an error, is lost.
 */
export async function orCancelled<T>(
	context: RequestContext,
	work: Promise<T>,
	itemIndex?: number,
): Promise<T> {
	throwIfCancelled(context, itemIndex);
	const signal = cancelSignal(context);
	if (!signal) return await work;
	let stop = (): void => undefined;
	const stopped = new Promise<void>((resolve) => {
		stop = resolve;
		signal.addEventListener('abort', stop);
	});
	try {
		const settled = work.then(
			() => undefined,
			() => undefined,
		);
		await Promise.race([settled, stopped]);
		throwIfCancelled(context, itemIndex);
		return await work;
	} finally {
		signal.removeEventListener('abort', stop);
	}
}

/** Waits `delayMs` and ends at once, with a NodeOperationError, when the execution is stopped. */
export async function pause(
	context: RequestContext,
	delayMs: number,
	itemIndex?: number,
): Promise<void> {
	const endAt = Date.now() + delayMs;
	throwIfCancelled(context, itemIndex);
	for (let left = delayMs; left > 0; left = endAt - Date.now()) {
		await orCancelled(context, sleep(Math.min(left, SLICE_MS)), itemIndex);
	}
}
