import type { IExecuteFunctions } from 'n8n-workflow';

/** How much a hint matters. */
export type HintWeight = 'info' | 'warning';

/** Shows a hint beside the output of the node, where this n8n can. */
export function addHint(
	context: IExecuteFunctions,
	message: string,
	weight: HintWeight = 'info',
): void {
	if (typeof context.addExecutionHints !== 'function') return;
	context.addExecutionHints({ message, location: 'outputPane', type: weight });
}
