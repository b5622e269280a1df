import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { baseName } from '../shared/fileName';
import { binaryName, binarySource, textSource } from '../shared/fileSource';
import { fieldText, isObject } from '../shared/guards';
import { jsonOf } from '../shared/options';

function parameter(context: IExecuteFunctions, name: string, itemIndex: number): unknown {
	return context.getNodeParameter(name, itemIndex, '');
}

/**
 * The name that an item gives its file, which may begin with folders. Throws n8n's own error when the
 * item has no such binary field.
 */
export function nameOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): string {
	const inputType = parameter(context, 'inputType', itemIndex);
	if (inputType === 'text')
		return fieldText(parameter(context, 'textFileName', itemIndex)) ?? 'document.txt';
	if (inputType === 'json') {
		const name = fieldText(parameter(context, 'jsonFileName', itemIndex)) ?? 'document';
		// The server chooses how to read a file by the extension.
		return /\.json$/i.test(name) ? name : `${name}.json`;
	}
	const field = String(parameter(context, 'binaryPropertyName', itemIndex));
	const binary = context.helpers.assertBinaryData(itemIndex, field);
	return fieldText(options.fileName) ?? binaryName(binary);
}

/** The text of the form. An object would become the text "[object Object]" without a word. */
function enteredText(context: IExecuteFunctions, itemIndex: number): string {
	const value = parameter(context, 'text', itemIndex) ?? '';
	const text = String(value);
	const isData = Array.isArray(value) || (isObject(value) && text === String({}));
	if (!isData) return text;
	throw new NodeOperationError(context.getNode(), 'The field "Text" holds an object or a list, not a text', {
		description: 'Choose JSON as the Input Type to upload it as it is, or take one of its fields, such as {{ $json.text }}.',
		itemIndex,
	});
}

/**
 * True when a field holds one expression and nothing else, so that a text in it is data. A template, such as
 * {"name": "{{ $json.name }}"}, is JSON that somebody typed.
 */
function isOneExpression(context: IExecuteFunctions, name: string, itemIndex: number): boolean {
	const typed = context.getNodeParameter(name, itemIndex, '', { rawExpressions: true }) as unknown;
	const [, code] = (typeof typed === 'string' && /^=\s*\{\{([^]*)\}\}\s*$/.exec(typed)) || [];
	return code !== undefined && !/\}\}[^]*\{\{/.test(code);
}

function isJson(text: string): boolean {
	try {
		JSON.parse(text);
		return true;
	} catch {
		return false;
	}
}

/**
 * The JSON of the form, written with indentation; blank when there is none. What an expression gives may be
 * any value: a text that is not JSON becomes a JSON string.
 */
function enteredJson(context: IExecuteFunctions, itemIndex: number): string {
	const value = parameter(context, 'jsonContent', itemIndex);
	const isText = typeof value === 'string' && value.trim() !== '' && !isJson(value);
	const isData = isText && isOneExpression(context, 'jsonContent', itemIndex);
	const content = isData ? value : jsonOf(context, value, 'JSON', itemIndex);
	return content === undefined ? '' : JSON.stringify(content, null, 2);
}

/**
 * The file that an item asks to upload, with the last part of `name`, as the server keeps it. Throws a
 * NodeOperationError when there is nothing to send.
 */
export async function sourceOf(
	context: IExecuteFunctions,
	name: string,
	itemIndex: number,
): Promise<FileSource> {
	const fileName = baseName(name);
	const inputType = parameter(context, 'inputType', itemIndex);
	if (inputType === 'text') {
		return textSource(context, itemIndex, enteredText(context, itemIndex), fileName);
	}
	if (inputType === 'json') {
		return textSource(context, itemIndex, enteredJson(context, itemIndex), fileName, 'JSON');
	}
	const field = String(parameter(context, 'binaryPropertyName', itemIndex));
	return { ...(await binarySource(context, itemIndex, field)), fileName };
}
