import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject } from '../shared/guards';
import { jsonOf } from '../shared/options';
import { historyOf, withHistory } from './history';
import { withImages } from './images';

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

/** The text in a field; an object that an expression has put there is shown to the model as JSON. */
function textFrom(value: unknown): string {
	return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');
}

function promptMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const prompt = textFrom(context.getNodeParameter('prompt', itemIndex, ''));
	if (prompt.trim() === '') throw emptyField(context, 'Prompt', itemIndex);
	return [{ role: 'user', content: prompt }];
}

function conversationMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const { values } = context.getNodeParameter('conversation', itemIndex, {}) as {
		values?: IDataObject[];
	};
	const rows = (values ?? []).map(({ role, content }) => ({
		role: String(role),
		content: textFrom(content),
	}));
	const isBlank = ({ content }: { content: string }): boolean => content.trim() === '';
	if (rows.every(isBlank)) throw emptyField(context, 'Conversation', itemIndex);
	// A question that is missing must not make the one before it the question.
	const question = rows.map(({ role }) => role).lastIndexOf('user');
	return rows.filter((row, index) => index === question || !isBlank(row));
}

/** A null content, which an assistant's call of tools may have, is made empty: Open WebUI chokes on it. */
function withContent(message: IDataObject): IDataObject {
	return message.content === null || message.content === undefined
		? { ...message, content: '' }
		: message;
}

/** The messages of an array, of an object that holds one, or of a single message. */
function listOf(parsed: unknown): unknown[] {
	const list = isObject(parsed) && parsed.messages !== undefined ? parsed.messages : parsed;
	if (Array.isArray(list)) return list as unknown[];
	return list === undefined || list === null ? [] : [list];
}

function jsonMessages(context: IExecuteFunctions, itemIndex: number): IDataObject[] {
	const label = 'Messages (JSON)';
	const parsed = jsonOf(
		context,
		context.getNodeParameter('messagesJson', itemIndex, ''),
		label,
		itemIndex,
	);
	const list = listOf(parsed);
	if (list.length === 0) throw emptyField(context, label, itemIndex);
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

/** True if the content has anything in it that a model can read. */
function saysSomething(content: unknown): boolean {
	if (Array.isArray(content)) return content.length > 0;
	return typeof content === 'string' && content.trim() !== '';
}

/** The server searches for the last message of the user; without one it answers past the documents. */
function assertQuestion(
	context: IExecuteFunctions,
	messages: IDataObject[],
	itemIndex: number,
): void {
	const asked = messages.filter(({ role }) => role === 'user').pop();
	if (asked && saysSomething(asked.content)) return;
	const message = asked
		? 'The last message of the user is empty'
		: 'There is no message of the user';
	throw new NodeOperationError(context.getNode(), message, {
		description:
			'The model answers the last message with the role "user", and the server searches the documents for it. Check the expression that gives the messages.',
		itemIndex,
	});
}

/**
 * The messages of an item in the form of the OpenAI API: the system message first, then the history,
 * then those of the form, with the images of the given binary fields in the last message of the user.
 * Throws a NodeOperationError when the user says nothing in them.
 */
export async function messagesOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): Promise<IDataObject[]> {
	const messages = baseMessages(context, itemIndex);
	assertQuestion(context, messages, itemIndex);
	const system = textFrom(context.getNodeParameter('systemMessage', itemIndex, ''));
	const head = system.trim() === '' ? [] : [{ role: 'system', content: system }];
	const all = withHistory([...head, ...messages], historyOf(context, options, itemIndex));
	return await withImages(context, all, options.imageFields, itemIndex);
}
