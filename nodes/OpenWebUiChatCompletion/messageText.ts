import type { IDataObject } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import type { Split } from './reasoning';

function joined(parts: unknown, textIn: (part: IDataObject) => string): string {
	const list: unknown[] = Array.isArray(parts) ? parts : [];
	return list.map((part) => textIn(objectOf(part))).join('');
}

const plainText = (part: IDataObject): string => textOf(part.text) ?? '';

/**
 * What a message, or a piece of one, says, and what the model thought where that has a place of its own: a
 * field, or parts of the content (`{type: "thinking", thinking: [...]}`).
 */
export function messageText(message: IDataObject): Split {
	const { content } = message;
	const own = textOf(message.reasoning_content) ?? textOf(message.reasoning) ?? '';
	if (typeof content === 'string') return { content, reasoning: own || undefined };
	const thoughts = joined(content, ({ thinking }) => textOf(thinking) ?? joined(thinking, plainText));
	return { content: joined(content, plainText), reasoning: own + thoughts || undefined };
}
