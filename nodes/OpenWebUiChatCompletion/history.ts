import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, objectOf, textOf } from '../shared/guards';
import { jsonOf, numberOption } from '../shared/options';

const LABEL = 'History';

/** Every word for a speaker that the memories of n8n and others use, with the API's own. */
const ROLES = new Map([
	['user', 'user'],
	['human', 'user'],
	['assistant', 'assistant'],
	['ai', 'assistant'],
	['bot', 'assistant'],
	['model', 'assistant'],
	['system', 'system'],
	['developer', 'system'],
	['tool', 'tool'],
	['function', 'tool'],
]);

/** Fields of an entry that holds a question and its answer. */
const PAIRS: Array<[question: string, answer: string]> = [
	['human', 'ai'],
	['user', 'assistant'],
	['question', 'answer'],
	['input', 'output'],
];

function notAMessage(
	context: IExecuteFunctions,
	entry: unknown,
	itemIndex: number,
): NodeOperationError {
	const shown = JSON.stringify(entry) ?? String(entry);
	return new NodeOperationError(
		context.getNode(),
		`An entry of the option "${LABEL}" is not a message`,
		{
			description: `It is ${shown.slice(0, 120)}. An entry has a role and a content, such as {"role": "user", "content": "Hello"}, or is a pair such as {"human": "Hello", "ai": "Hi"}.`,
			itemIndex,
		},
	);
}

/** LangChain's class names (HumanMessage, AIMessageChunk, ...) as roles. */
function classRole(id: unknown): string | undefined {
	const name = Array.isArray(id) ? textOf(id[id.length - 1]) : undefined;
	return name && ROLES.get(name.replace(/Message(Chunk)?$/, '').toLowerCase());
}

function contentOf(entry: IDataObject): unknown {
	return [entry.content, entry.text, entry.message].find(
		(value) => typeof value === 'string' || Array.isArray(value),
	);
}

/** A message under whatever names its parts go; undefined when it is none. */
function toMessage(entry: IDataObject): IDataObject | undefined {
	// n8n's memory in a database keeps the message in a column, LangChain its fields in `kwargs` or `data`.
	const inner = { ...objectOf(entry.message), ...objectOf(entry.kwargs), ...objectOf(entry.data) };
	const all = { ...entry, ...inner };
	const words = [entry.role, inner.role, entry.type, inner.type, entry.sender, entry.from];
	const known = words.map((word) => ROLES.get(String(word).toLowerCase()));
	const role = known.find((word) => word !== undefined) ?? classRole(entry.id);
	if (role === undefined) return undefined;
	const isWhole = typeof entry.role === 'string' && (entry.tool_calls || entry.tool_call_id);
	if (isWhole) return { ...entry, content: entry.content ?? '' };
	return { role, content: (contentOf(all) ?? '') as IDataObject['content'] };
}

function fromPair(entry: IDataObject): IDataObject[] | undefined {
	const pair = PAIRS.find(([question, answer]) => question in entry || answer in entry);
	if (!pair) return undefined;
	const [question, answer] = pair;
	return [
		{ role: 'user', content: String(entry[question] ?? '') },
		{ role: 'assistant', content: String(entry[answer] ?? '') },
	];
}

/** The messages of an entry that is a conversation in itself, as n8n's Chat Memory Manager gives it. */
function listIn(value: unknown): IDataObject[] | undefined {
	if (!Array.isArray(value)) return undefined;
	const entries: unknown[] = value;
	return entries.filter(isObject).flatMap((entry) => messagesIn(entry) ?? []);
}

function messagesIn(entry: IDataObject): IDataObject[] | undefined {
	const message = toMessage(entry);
	return message ? [message] : (fromPair(entry) ?? listIn(entry.messages));
}

/** Empty messages say nothing, and the results of tools mean nothing without their calls. */
function isUseful(message: IDataObject): boolean {
	if (message.tool_calls || message.tool_call_id) return true;
	const { content, role } = message;
	return role !== 'tool' && (Array.isArray(content) ? content.length > 0 : String(content).trim() !== '');
}

function listOf(value: unknown): unknown[] | undefined {
	if (Array.isArray(value)) return value;
	if (!isObject(value)) return undefined;
	const inner = [value.messages, value.history, value.chatHistory].find(Array.isArray);
	return (inner as unknown[] | undefined) ?? [value];
}

/** The last `limit` messages, from a question on: many models refuse to begin with an answer. */
function lastMessages(messages: IDataObject[], limit: number): IDataObject[] {
	if (messages.length <= limit) return messages;
	const kept = limit > 0 ? messages.slice(-limit) : [];
	const start = kept.findIndex(({ role }) => role === 'user');
	return start < 0 ? [] : kept.slice(start);
}

/**
 * The earlier messages that the option History gives, in the form of the OpenAI API: from a list of
 * messages or of pairs in any of the usual shapes, or such a list as JSON text. Throws a
 * NodeOperationError that shows the entry that is neither.
 */
export function historyOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject[] {
	const list = listOf(jsonOf(context, options.history, LABEL, itemIndex) ?? []);
	if (!list) throw notAMessage(context, options.history, itemIndex);
	const messages = list.flatMap((raw) => {
		const entry = typeof raw === 'string' ? jsonOf(context, raw, LABEL, itemIndex) : raw;
		if (!isObject(entry)) throw notAMessage(context, raw, itemIndex);
		const found = messagesIn(entry);
		if (!found) throw notAMessage(context, raw, itemIndex);
		return found;
	});
	const limit = numberOption(context, options.historyLimit, 'History Limit', itemIndex);
	return lastMessages(messages.filter(isUseful), limit ?? Infinity);
}

/** The history between what the model has to keep to (system messages at the head) and the question. */
export function withHistory(messages: IDataObject[], history: IDataObject[]): IDataObject[] {
	const head = messages.findIndex(({ role }) => role !== 'system');
	const position = head < 0 ? messages.length : head;
	return [...messages.slice(0, position), ...history, ...messages.slice(position)];
}
