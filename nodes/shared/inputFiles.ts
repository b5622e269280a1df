import type { IBinaryKeyData, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isObject } from './guards';

/** Where a workflow of the binary mode "combined" keeps the files of an item: among its fields. */
const FILES_FIELD = '_files';

/** The keys by which n8n knows an error that it brings to the error output, with all fields of the input. */
const ERROR_KEYS = ['error', 'message', 'details'];

/** n8n 2.0 has no such setting, and no way to ask. */
function combinesFiles(context: IExecuteFunctions): boolean {
	const { getWorkflowSettings } = context as Partial<Pick<IExecuteFunctions, 'getWorkflowSettings'>>;
	return getWorkflowSettings?.call(context).binaryMode === 'combined';
}

/** The files among the fields of an input item, where the workflow keeps them there. */
function filesInFields(context: IExecuteFunctions, itemIndex: number): IBinaryKeyData {
	const files = context.getInputData()[itemIndex]?.json[FILES_FIELD];
	return combinesFiles(context) && isObject(files) ? (files as unknown as IBinaryKeyData) : {};
}

/**
 * The files of an input item, as the part of an output item that goes on with them; nothing when there are none.
 * n8n itself puts them among the fields of the output where the workflow keeps them there.
 */
export function inputFiles(
	context: IExecuteFunctions,
	itemIndex: number,
): Pick<INodeExecutionData, 'binary'> {
	const stored = filesInFields(context, itemIndex);
	const binary = { ...stored, ...context.getInputData()[itemIndex]?.binary };
	return Object.keys(binary).length > 0 ? { binary } : {};
}

/** The outputs with the files of the input items that they come from, for a workflow that goes on with them. */
export function withInputFiles(
	context: IExecuteFunctions,
	outputs: INodeExecutionData[],
): INodeExecutionData[] {
	return outputs.map((output) => {
		const { json, pairedItem } = output;
		const index = isObject(pairedItem) ? Number(pairedItem.item) : NaN;
		const isBareError = Object.keys(json).every((key) => ERROR_KEYS.includes(key));
		// With files among its keys n8n would not know it any more; it gets them with the fields of the input.
		if (isBareError && combinesFiles(context)) return output;
		return { ...output, ...inputFiles(context, index) };
	});
}
