import type { IDataObject, IExecuteFunctions, INodeExecutionData, JsonObject } from 'n8n-workflow';
import * as workflow from 'n8n-workflow';
import { NodeApiError, NodeOperationError } from 'n8n-workflow';

import { isCancelled, isUsedAsTool, throwIfCancelled } from './context';
import { isObject } from './guards';
import type { Pace } from './pace';
import { eachPaced } from './pace';

/** What one input item becomes: the contents of its output items. */
export type ItemHandler = (itemIndex: number) => Promise<IDataObject[]>;

/** As ItemHandler, for a node with several outputs: one list of contents for each of them. */
export type BranchHandler = (itemIndex: number) => Promise<IDataObject[][]>;

/**
 * n8n 2.0 takes an item for a failed one only by the keys `error` and `message`, later versions know
 * `details` as well. They are told apart by a function that came after that change.
 */
const KNOWS_DETAILS =
	typeof (workflow as { assertCredentialAllowsUrl?: unknown }).assertCredentialAllowsUrl ===
	'function';

function detailsOf(fault: IDataObject): IDataObject {
	const details: IDataObject = {};
	if (fault.description) details.description = fault.description;
	if (fault.httpCode) details.httpCode = fault.httpCode;
	return details;
}

/**
 * An output item for a failed input item: the input's json with `error` (what happened) and `details`
 * (description, httpCode). It has no item-level `error`, because n8n would then drop everything else.
 * A tool's has the error alone. For the error output it has n8n's own keys alone, by which n8n finds it; n8n itself then adds the input.
 */
export function errorItem(
	context: IExecuteFunctions,
	error: unknown,
	itemIndex: number,
): INodeExecutionData {
	const fault = isObject(error) ? error : {};
	const details = detailsOf(fault);
	const pairedItem = { item: itemIndex };
	const text = String(fault.message ?? error);
	// n8n adds what the agent and its user said to the input of a tool: nothing for the model.
	if (isUsedAsTool(context)) return { json: { error: text, details }, pairedItem };
	if (context.getNode().onError !== 'continueErrorOutput') {
		const input = context.getInputData()[itemIndex]?.json;
		return { json: { ...input, error: text, details }, pairedItem };
	}
	if (KNOWS_DETAILS) return { json: { error: text, details }, pairedItem };
	return { json: { error: text, message: String(fault.description ?? text) }, pairedItem };
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
	handler: BranchHandler,
	itemIndex: number,
): Promise<INodeExecutionData[][]> {
	try {
		const branches = await handler(itemIndex);
		return branches.map((outputs) =>
			outputs.map((json) => ({ json, pairedItem: { item: itemIndex } })),
		);
	} catch (error) {
		if (isCancelled(context) || !context.continueOnFail()) {
			throw withItemIndex(context, error, itemIndex);
		}
		return [[errorItem(context, error, itemIndex)]];
	}
}

/**
 * Runs a handler for every input item, at the pace given, and gives the items of each of `outputCount`
 * outputs in the order of the inputs. The first failure ends the run, unless the
 * node is set to continue; then it becomes an item of the first output. A stopped execution always
 * ends the run.
 */
export async function runBranches(
	context: IExecuteFunctions,
	handler: BranchHandler,
	outputCount: number,
	pace: Pace,
): Promise<INodeExecutionData[][]> {
	const count = context.getInputData().length;
	const done: INodeExecutionData[][][] = [];
	await eachPaced(context, count, pace, async (itemIndex) => {
		throwIfCancelled(context, itemIndex);
		done[itemIndex] = await runItem(context, handler, itemIndex);
	});
	return Array.from({ length: outputCount }, (_, output) =>
		done.flatMap((branches) => branches[output] ?? []),
	);
}

/** As runBranches, for a node with one output. An agent whose tool finds nothing is told so. */
export async function runItems(
	context: IExecuteFunctions,
	handler: ItemHandler,
	pace: Pace,
): Promise<INodeExecutionData[]> {
	const work: BranchHandler = async (itemIndex) => [await handler(itemIndex)];
	const items = (await runBranches(context, work, 1, pace)).flat();
	// Without an item n8n hands the model an empty text, which it takes for a fault.
	if (items.length > 0 || !isUsedAsTool(context)) return items;
	return [{ json: { message: 'Nothing was found.' }, pairedItem: { item: 0 } }];
}
