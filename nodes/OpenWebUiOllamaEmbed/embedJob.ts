import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { fieldText } from '../shared/guards';
import { requiredChoice } from '../shared/locator';
import { countOf, jsonOf, numberOption, optionsOf, timeoutMsOf } from '../shared/options';

const DEFAULT_BATCH_SIZE = 64;
const DEFAULT_TIMEOUT_MS = 300_000;

/** The texts of one item and how they are to be embedded. */
export interface EmbedJob {
	itemIndex: number;
	texts: string[];
	/** The text whose vector those of the others are compared with. */
	compareWith: string | undefined;
	/** Everything of the request but the texts. Items with equal settings share requests. */
	settings: IDataObject;
	batchSize: number;
	timeoutMs: number;
}

function keepAliveOf(value: unknown): string | number | undefined {
	const text = fieldText(value)?.trim();
	if (text === undefined || text === '') return undefined;
	return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function settingsOf(
	context: IExecuteFunctions,
	model: string,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const settings: IDataObject = { model, truncate: options.truncate !== false };
	const dimensions = numberOption(context, options.dimensions, 'Dimensions', itemIndex);
	if (dimensions) settings.dimensions = dimensions;
	const keepAlive = keepAliveOf(options.keepAlive);
	if (keepAlive !== undefined) settings.keep_alive = keepAlive;
	return settings;
}

function textsOf(context: IExecuteFunctions, itemIndex: number): unknown[] {
	if (context.getNodeParameter('inputType', itemIndex) === 'text') {
		return [context.getNodeParameter('text', itemIndex, '')];
	}
	const list = jsonOf(
		context,
		context.getNodeParameter('texts', itemIndex, ''),
		'Texts',
		itemIndex,
	);
	if (Array.isArray(list) && list.length > 0) return list as unknown[];
	throw new NodeOperationError(
		context.getNode(),
		'The field "Texts" must hold a list with at least one text',
		{
			description: 'Use an expression that gives an array, such as {{ $json.texts }}.',
			itemIndex,
		},
	);
}

function compareWithOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): string | undefined {
	if (!('compareWith' in options)) return undefined;
	const text = fieldText(options.compareWith);
	if (text?.trim()) return text;
	throw new NodeOperationError(context.getNode(), 'The field "Compare With" is empty', {
		description: 'Check the expression in the field, or remove the option.',
		itemIndex,
	});
}

/** What an item asks for. Throws a NodeOperationError when a text is missing or empty. */
export function embedJob(context: IExecuteFunctions, itemIndex: number): EmbedJob {
	const options = optionsOf(context, itemIndex);
	const model = requiredChoice(context, 'model', 'Model', itemIndex).value;
	const texts = textsOf(context, itemIndex).map((value, position) => {
		const text = fieldText(value);
		if (text?.trim()) return text;
		throw new NodeOperationError(context.getNode(), 'There is no text to embed', {
			description: `Text ${position + 1} of the item is empty or not a text. Check the expression in the field.`,
			itemIndex,
		});
	});
	return {
		itemIndex,
		texts,
		compareWith: compareWithOf(context, options, itemIndex),
		settings: settingsOf(context, model, options, itemIndex),
		batchSize: countOf(options.batchSize, DEFAULT_BATCH_SIZE),
		timeoutMs: timeoutMsOf(options, DEFAULT_TIMEOUT_MS),
	};
}
