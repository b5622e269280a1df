import type { IBinaryData, IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, textList } from '../shared/guards';

/** The name of a binary field, or the file itself, as an expression can give it. */
type ImageChoice = string | IBinaryData;

function choicesOf(value: unknown): ImageChoice[] {
	const list = Array.isArray(value) ? (value as unknown[]) : [value];
	return list.flatMap((entry): ImageChoice[] =>
		isObject(entry) ? [entry as unknown as IBinaryData] : textList(entry),
	);
}

async function imagePart(
	context: IExecuteFunctions,
	choice: ImageChoice,
	itemIndex: number,
): Promise<IDataObject> {
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
