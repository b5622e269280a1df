import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { binarySource, textSource } from '../shared/fileSource';
import { textOf } from '../shared/guards';
import { jsonOf } from '../shared/options';

function textFile(context: IExecuteFunctions, itemIndex: number): FileSource {
	const text = String(context.getNodeParameter('text', itemIndex, '') ?? '');
	const name = textOf(context.getNodeParameter('textFileName', itemIndex, '')) ?? 'document.txt';
	return textSource(context, itemIndex, text, name);
}

function jsonFile(context: IExecuteFunctions, itemIndex: number): FileSource {
	const value = context.getNodeParameter('jsonContent', itemIndex, '');
	const content = jsonOf(context, value, 'JSON', itemIndex);
	const text = content === undefined ? '' : JSON.stringify(content, null, 2);
	const name = textOf(context.getNodeParameter('jsonFileName', itemIndex, '')) ?? 'document';
	// The server chooses how to read a file by the extension.
	const fileName = /\.json$/i.test(name) ? name : `${name}.json`;
	return textSource(context, itemIndex, text, fileName, 'JSON');
}

/** The file that an item asks to upload. Throws a NodeOperationError when there is nothing to send. */
export async function sourceOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): Promise<FileSource> {
	const inputType = context.getNodeParameter('inputType', itemIndex);
	if (inputType === 'text') return textFile(context, itemIndex);
	if (inputType === 'json') return jsonFile(context, itemIndex);
	const field = context.getNodeParameter('binaryPropertyName', itemIndex) as string;
	const file = await binarySource(context, itemIndex, field);
	return { ...file, fileName: textOf(options.fileName) ?? file.fileName };
}
