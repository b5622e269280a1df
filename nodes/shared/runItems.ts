import type { IDataObject, IExecuteFunctions, INodeExecutionData, JsonObject } from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { eachBounded } from './bounded';
import { isCancelled, isUsedAsTool, throwIfCancelled } from './context';
import { isObject } from './guards';

/** What one input item becomes: the contents of its output items. */
export type ItemHandler = (itemIndex: number) => Promise<IDataObject[]>;

/**
 * An output item for a failed input item. It has no item-level `error`, because n8n would then drop
 * everything else; with these two keys alone n8n sends it to the error output and adds the input.
 */
export function errorItem(error: unknown, itemIndex: number): INodeExecutionData {
	const fault = isObject(error) ? error : {};
	const details: IDataObject = {};
	if (fault.description) details.description = fault.description;
	if (fault.httpCode) details.httpCode = fault.httpCode;
	return {
		json: { error: String(fault.message ?? error), details },
		pairedItem: { item: itemIndex },
	};
}

/** The error as one of n8n's own two, with the item it belongs to. */
export function withItemIndex(
	context: IExecuteFunctions,
	error: unknown,
	itemIndex: number,
): NodeApiError | NodeOperationError {
	const known = isObject(error) ? error : {};
	if (known.name === 'NodeApiError') {
		return new NodeApiError(context.getNode(), known as JsonObject, { itemIndex });
	}
	return new NodeOperationError(context.getNode(), error as Error, { itemIndex });
}

async function runItem(
	context: IExecuteFunctions,
	handler: ItemHandler,
	itemIndex: number,
): Promise<INodeExecutionData[]> {
	try {
		const outputs = await handler(itemIndex);
		return outputs.map((json) => ({ json, pairedItem: { item: itemIndex } }));
	} catch (error) {
		if (isCancelled(context) || !context.continueOnFail()) {
			throw withItemIndex(context, error, itemIndex);
		}
		return [errorItem(error, itemIndex)];
	}
}

/**
 * Runs a handler for every input item, at most `concurrency` at the same time, and gives the outputs
 * in the order of the inputs. The first failure ends the run, unless the node is set to continue;
 * then it becomes an item of its own. A stopped execution always ends the run. An agent whose tool finds
 * nothing is told so.
 */
export async function runItems(
	context: IExecuteFunctions,
	handler: ItemHandler,
	concurrency = 1,
): Promise<INodeExecutionData[]> {
	const count = context.getInputData().length;
	const outputs: INodeExecutionData[][] = [];
	await eachBounded(count, concurrency, async (itemIndex) => {
		throwIfCancelled(context, itemIndex);
		outputs[itemIndex] = await runItem(context, handler, itemIndex);
	});
	const items = outputs.flat();
	// Without an item n8n hands the model an empty text, which it takes for a fault.
	if (items.length > 0 || !isUsedAsTool(context)) return items;
	return [{ json: { message: 'Nothing was found.' }, pairedItem: { item: 0 } }];
}
