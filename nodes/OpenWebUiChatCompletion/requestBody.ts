import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, textList } from '../shared/guards';
import { requiredChoice } from '../shared/locator';
import { sourceOf } from '../shared/models';
import { jsonObjectOf } from '../shared/options';
import { attachmentsOf } from './attachments';
import type { ChatRun } from './chatRun';
import { messagesOf } from './messages';
import { needsKind, samplingOf, withoutSampling } from './sampling';

function schemaFormat(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const schema = jsonObjectOf(context, options.jsonSchema, 'JSON Schema', itemIndex);
	if (Object.keys(schema).length === 0) {
		throw new NodeOperationError(context.getNode(), 'The field "JSON Schema" is empty', {
			description:
				'Options > Response Format is JSON Schema: define the form of the answer, or choose JSON.',
			itemIndex,
		});
	}
	return { type: 'json_schema', json_schema: { name: 'answer', schema } };
}

/** In a list by expression blanks and line breaks are part of a sequence; in a text commas separate them. */
function stopOf(value: unknown): string[] {
	if (!Array.isArray(value)) return textList(value);
	return value.map((sequence: unknown) => String(sequence ?? '')).filter((text) => text !== '');
}

/** What every version of the server reads at the top level, for every kind of model. */
function plainFields(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const fields: IDataObject = {};
	const stop = stopOf(options.stop);
	if (stop.length > 0) fields.stop = stop;
	const toolIds = textList(options.toolIds);
	if (toolIds.length > 0) fields.tool_ids = toolIds;
	const format = options.responseFormat;
	if (format === 'json_object') fields.response_format = { type: 'json_object' };
	if (format === 'json_schema') fields.response_format = schemaFormat(context, options, itemIndex);
	return fields;
}

/**
 * The request for the answer of an item. Additional body fields win, all but `stream`, which belongs to
 * the node; their `params`, and what belongs there, are added to those of the form. Throws a NodeOperationError that names a
 * field that cannot be used.
 */
export async function requestBody(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	stream: boolean,
	itemIndex: number,
): Promise<IDataObject> {
	const model = requiredChoice(context, 'model', 'Model', itemIndex).value;
	const { additionalBodyFields } = options;
	const extra = jsonObjectOf(context, additionalBodyFields, 'Additional Body Fields', itemIndex);
	const messages = await messagesOf(context, options, itemIndex);
	const entry = needsKind(options) ? await run.listed(context, model, itemIndex) : undefined;
	const ollama = entry && sourceOf(entry) === 'ollama' ? entry : undefined;
	const { sampling, others } = withoutSampling(extra);
	const hasTools = textList(others.tool_ids ?? options.toolIds).length > 0;
	const params: IDataObject = {
		...samplingOf(context, options, ollama, itemIndex),
		// Otherwise the server leaves the call of a tool to its web page.
		...(hasTools ? { function_calling: 'legacy' } : {}),
		...sampling,
		...(isObject(extra.params) ? extra.params : {}),
	};
	const isServersWork = params.function_calling === 'legacy';
	const query = { model, options, isServersWork, itemIndex };
	const files = await attachmentsOf(context, run, query);
	return {
		model,
		messages,
		...(files.length > 0 ? { files } : {}),
		...plainFields(context, options, itemIndex),
		...others,
		...(Object.keys(params).length > 0 ? { params } : {}),
		stream,
		...(stream ? { stream_options: { include_usage: true } } : {}),
	};
}
