import type { IDataObject } from 'n8n-workflow';

import { isObject, textOf } from './guards';

/** Longest part of a plain-text answer that is shown to a user, in characters. */
const MAX_TEXT_LENGTH = 300;

function validationMessage(entry: unknown): string | undefined {
	if (typeof entry === 'string') return textOf(entry);
	if (!isObject(entry)) return undefined;
	const message = textOf(entry.msg) ?? textOf(entry.message);
	const location: unknown[] = Array.isArray(entry.loc) ? entry.loc : [];
	const field = location.length > 1 ? String(location[location.length - 1]) : undefined;
	return message && field ? `${field}: ${message}` : message;
}

function messageIn(value: unknown): string | undefined {
	if (typeof value === 'string') return textOf(value.trim());
	if (Array.isArray(value)) {
		const messages = value.map(validationMessage).filter((text) => text !== undefined);
		return messages.length > 0 ? messages.join('; ') : undefined;
	}
	if (!isObject(value)) return undefined;
	return textOf(value.message) ?? messageIn(value.error) ?? messageIn(value.detail);
}

/** True for an answer that is a web page where JSON was asked for. */
export function isHtml(body: unknown, headers: IDataObject): boolean {
	if (String(headers['content-type'] ?? '').includes('text/html')) return true;
	return typeof body === 'string' && /^\s*<(!doctype|html)/i.test(body);
}

/**
 * The server's own words in an error answer: `detail` (text, list of field errors or object),
 * `error` (text or object), `message`, or a short plain text. Undefined when there are none.
 */
export function serverMessage(body: unknown): string | undefined {
	if (typeof body === 'string') {
		const text = body.trim();
		if (text.startsWith('{') || text.startsWith('[')) {
			try {
				return serverMessage(JSON.parse(text));
			} catch {
				// Plain text after all.
			}
		}
		return isHtml(text, {}) || text === '' ? undefined : text.slice(0, MAX_TEXT_LENGTH);
	}
	if (!isObject(body)) return undefined;
	return messageIn(body.detail) ?? messageIn(body.error) ?? textOf(body.message);
}
