import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, textList } from '../shared/guards';
import { jsonOf } from '../shared/options';

function emptyField(
	context: IExecuteFunctions,
	field: string,
	itemIndex: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), `The field "${field}" is empty`, {
		description: 'The model needs at least one message. Check the expression in the field.',
		itemIndex,
	});
}

function promptMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const prompt = String(context.getNodeParameter('prompt', itemIndex, '') ?? '');
	if (prompt.trim() === '') throw emptyField(context, 'Prompt', itemIndex);
	return [{ role: 'user', content: prompt }];
}

function conversationMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const { values } = context.getNodeParameter('conversation', itemIndex, {}) as {
		values?: IDataObject[];
	};
	const messages = (values ?? [])
		.map(({ role, content }) => ({ role: String(role), content: String(content ?? '') }))
		.filter(({ content }) => content.trim() !== '');
	if (messages.length === 0) throw emptyField(context, 'Conversation', itemIndex);
	return messages;
}

/** A message that the server would choke on is made whole: Open WebUI refuses null as a content. */
function withContent(message: IDataObject): IDataObject {
	return message.content === null || message.content === undefined
		? { ...message, content: '' }
		: message;
}

function jsonMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const label = 'Messages (JSON)';
	const parsed = jsonOf(
		context,
		context.getNodeParameter('messagesJson', itemIndex, ''),
		label,
		itemIndex,
	);
	const list: unknown = isObject(parsed) ? parsed.messages : parsed;
	if (!Array.isArray(list) || list.length === 0) throw emptyField(context, label, itemIndex);
	return list.map((entry: unknown) => {
		if (isObject(entry) && typeof entry.role === 'string') return withContent(entry);
		throw new NodeOperationError(
			context.getNode(),
			`An entry of the field "${label}" is not a message`,
			{
				description:
					'Each message has a role and a content, such as {"role": "user", "content": "Hello"}.',
				itemIndex,
			},
		);
	});
}

function baseMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const mode = context.getNodeParameter('messageMode', itemIndex) as string;
	if (mode === 'conversation') return conversationMessages(context, itemIndex);
	return mode === 'json' ? jsonMessages(context, itemIndex) : promptMessages(context, itemIndex);
}

async function imagePart(
	context: IExecuteFunctions,
	field: string,
	itemIndex: number,
): Promise<IDataObject> {
	const { mimeType } = context.helpers.assertBinaryData(itemIndex, field);
	const bytes = await context.helpers.getBinaryDataBuffer(itemIndex, field);
	return {
		type: 'image_url',
		image_url: { url: `data:${mimeType};base64,${bytes.toString('base64')}` },
	};
}

async function withImages(
	context: IExecuteFunctions,
	messages: IDataObject[],
	fields: string[],
	itemIndex: number,
): Promise<IDataObject[]> {
	if (fields.length === 0) return messages;
	const position = messages.map(({ role }) => role).lastIndexOf('user');
	const target = messages[position];
	if (!target) throw emptyField(context, 'Prompt', itemIndex);
	const { content } = target;
	const parts = Array.isArray(content)
		? (content as IDataObject[])
		: [{ type: 'text', text: String(content) }];
	const images = await Promise.all(
		fields.map(async (field) => await imagePart(context, field, itemIndex)),
	);
	return messages.map((message, index) =>
		index === position ? { ...message, content: [...parts, ...images] } : message,
	);
}

/**
 * The messages of an item in the form of the OpenAI API: the system message first, then those of the
 * form, with the images of the given binary fields in the last message of the user. Throws a
 * NodeOperationError when there is none.
 */
export async function messagesOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): Promise<IDataObject[]> {
	const messages = baseMessages(context, itemIndex);
	const system = String(context.getNodeParameter('systemMessage', itemIndex, '') ?? '');
	const all = system.trim() === '' ? messages : [{ role: 'system', content: system }, ...messages];
	return await withImages(context, all, textList(options.imageFields), itemIndex);
}
