import type { IDataObject } from 'n8n-workflow';

/** True for a JSON object, false for null, arrays and everything else. */
export function isObject(value: unknown): value is IDataObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value if it is a string with something in it. */
export function textOf(value: unknown): string | undefined {
	return typeof value === 'string' && value !== '' ? value : undefined;
}

/** What an expression gave for a field that takes a text, where a number is one as well. Undefined when it is blank. */
export function fieldText(value: unknown): string | undefined {
	return typeof value === 'number' ? String(value) : textOf(value);
}

/** The value if it is a finite number. */
export function numberOf(value: unknown): number | undefined {
	return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The object, or an empty one. */
export function objectOf(value: unknown): IDataObject {
	return isObject(value) ? value : {};
}

function listIn(body: unknown): unknown[] | undefined {
	if (Array.isArray(body)) return body as unknown[];
	if (!isObject(body)) return undefined;
	return [body.items, body.data, body.models].find((list): list is IDataObject[] => Array.isArray(list));
}

/**
 * The entries of a list answer, in any of its shapes: a bare array (older servers), or an object
 * with `items`, `data` or `models`.
 */
export function entriesOf(body: unknown): IDataObject[] {
	return (listIn(body) ?? []).filter(isObject);
}

/** True for an answer that entriesOf can read, also when the list is empty. */
export function holdsList(body: unknown): boolean {
	return listIn(body) !== undefined;
}

/** How many entries there are in all, when the answer says so. */
export function totalOf(body: unknown): number | undefined {
	return isObject(body) ? numberOf(body.total) : undefined;
}

/** An entry of a list as text: of an object, such as a file in an output, its ID; blank for null. */
function entryText(entry: unknown): string {
	if (!isObject(entry)) return String(entry ?? '').trim();
	return textOf(entry.id) ?? JSON.stringify(entry);
}

/**
 * A list of texts from what a form field or an expression gives: an array, a JSON array as text, or
 * text separated by commas or line breaks. Blank entries are dropped.
 */
export function textList(value: unknown): string[] {
	if (Array.isArray(value)) return value.map(entryText).filter(Boolean);
	if (typeof value !== 'string') return [entryText(value)].filter(Boolean);
	const text = value.trim();
	if (text.startsWith('[')) {
		try {
			return textList(JSON.parse(text));
		} catch {
			// Not JSON: a name may begin with a bracket.
		}
	}
	return text
		.split(/[,\n]/)
		.map((entry) => entry.trim())
		.filter(Boolean);
}
