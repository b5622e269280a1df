import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, objectOf, textList } from '../shared/guards';
import { requiredChoice } from '../shared/locator';
import { jsonObjectOf } from '../shared/options';
import { attachmentsOf } from './attachments';
import type { ChatRun } from './chatRun';
import { messagesOf } from './messages';

/** Sampling goes into `params`: at the top level Open WebUI loses it on the way to Ollama. */
function samplingOf(options: IDataObject): IDataObject {
	const pairs: Array<[string, unknown]> = [
		['temperature', options.temperature],
		['top_p', options.topP],
		['seed', options.seed],
	];
	const set = pairs.filter(([, value]) => value !== undefined && value !== null && value !== '');
	return Object.fromEntries(set.map(([key, value]) => [key, Number(value)]));
}

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

function plainFields(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const fields: IDataObject = {};
	if (options.maxTokens !== undefined) fields.max_tokens = Number(options.maxTokens);
	const stop = textList(options.stop);
	if (stop.length > 0) fields.stop = stop;
	const toolIds = textList(options.toolIds);
	if (toolIds.length > 0) fields.tool_ids = toolIds;
	const format = options.responseFormat;
	if (format === 'json_object') fields.response_format = { type: 'json_object' };
	if (format === 'json_schema') fields.response_format = schemaFormat(context, options, itemIndex);
	return fields;
}

/** Open WebUI passes only schemas on to Ollama; plain JSON needs Ollama's own word for it. */
async function ollamaFormat(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	model: string,
	itemIndex: number,
): Promise<IDataObject> {
	if (options.responseFormat !== 'json_object') return {};
	return (await run.isOllamaModel(context, model, itemIndex)) ? { format: 'json' } : {};
}

/**
 * The request for the answer of an item. Additional body fields win; their `params` are added to
 * those of the form. Throws a NodeOperationError that names a field that cannot be used.
 */
export async function requestBody(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	stream: boolean,
	itemIndex: number,
): Promise<IDataObject> {
	const model = requiredChoice(context, 'model', 'Model', itemIndex).value;
	const extra = jsonObjectOf(
		context,
		options.additionalBodyFields,
		'Additional Body Fields',
		itemIndex,
	);
	const params: IDataObject = {
		...samplingOf(options),
		...(await ollamaFormat(context, run, options, model, itemIndex)),
		...(isObject(extra.params) ? extra.params : {}),
	};
	const files = await attachmentsOf(context, run, options, itemIndex);
	return {
		model,
		messages: await messagesOf(context, options, itemIndex),
		stream,
		...(files.length > 0 ? { files } : {}),
		...plainFields(context, options, itemIndex),
		...(stream ? { stream_options: { include_usage: true } } : {}),
		...objectOf(extra),
		...(Object.keys(params).length > 0 ? { params } : {}),
	};
}
