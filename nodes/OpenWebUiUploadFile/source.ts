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
		const content = jsonOf(context, parameter(context, 'jsonContent', itemIndex), 'JSON', itemIndex);
		const text = content === undefined ? '' : JSON.stringify(content, null, 2);
		return textSource(context, itemIndex, text, fileName, 'JSON');
	}
	const field = String(parameter(context, 'binaryPropertyName', itemIndex));
	return { ...(await binarySource(context, itemIndex, field)), fileName };
}
