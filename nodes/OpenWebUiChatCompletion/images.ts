import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, textList } from '../shared/guards';

/** The name of a binary field, or the file itself, as an expression can give it. */
type ImageChoice = string | IBinaryData;

/** n8n 2.0 knows a file by its `data`, which expressions leave out; what is stored is read by its ID. */
function wholeFile(entry: IDataObject): IBinaryData {
	const file = entry as unknown as IBinaryData;
	return file.id === undefined ? file : { ...file, data: file.data ?? '' };
}

function choicesOf(value: unknown): ImageChoice[] {
	const list = Array.isArray(value) ? (value as unknown[]) : [value];
	return list.flatMap((entry): ImageChoice[] =>
		isObject(entry) ? [wholeFile(entry)] : textList(entry),
	);
}

/** n8n leaves the content out of `$binary` where it keeps files in memory. */
function assertContent(context: IExecuteFunctions, choice: ImageChoice, itemIndex: number): void {
	if (typeof choice === 'string' || choice.id !== undefined || choice.data !== undefined) return;
	throw new NodeOperationError(
		context.getNode(),
		'The expression in "Input Image Fields" gives a file without its content',
		{
			description:
				'n8n keeps files in memory here, and leaves their content out of expressions. Write the name of the binary field instead.',
			itemIndex,
		},
	);
}

async function imagePart(
	context: IExecuteFunctions,
	choice: ImageChoice,
	itemIndex: number,
): Promise<IDataObject> {
	assertContent(context, choice, itemIndex);
	const { fileName, mimeType } = context.helpers.assertBinaryData(itemIndex, choice);
	if (!mimeType.startsWith('image/')) {
		const name = typeof choice === 'string' ? choice : (fileName ?? 'file');
		throw new NodeOperationError(context.getNode(), `"${name}" is not an image but ${mimeType}`, {
			description:
				'Options > Input Image Fields takes images alone. Send documents to the server with Upload File, and choose them under Files.',
			itemIndex,
		});
	}
	const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, choice);
	return {
		type: 'image_url',
		image_url: { url: `data:${mimeType};base64,${bytes.toString('base64')}` },
	};
}

/**
 * The messages with images in the last one of the user. `fields` names binary fields, or holds the
 * files themselves. Throws a NodeOperationError when one is missing or not an image.
 */
export async function withImages(
	context: IExecuteFunctions,
	messages: IDataObject[],
	fields: unknown,
	itemIndex: number,
): Promise<IDataObject[]> {
	const choices = choicesOf(fields);
	if (choices.length === 0) return messages;
	const position = messages.map(({ role }) => role).lastIndexOf('user');
	const images = await Promise.all(
		choices.map(async (choice) => await imagePart(context, choice, itemIndex)),
	);
	return messages.map((message, index) => {
		if (index !== position) return message;
		const { content } = message;
		const parts = Array.isArray(content)
			? (content as IDataObject[])
			: [{ type: 'text', text: String(content) }];
		return { ...message, content: [...parts, ...images] };
	});
}
