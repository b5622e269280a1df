import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject } from './guards';

/** How a thing was chosen in the form, and the text that was chosen. */
export interface Choice {
	mode: string;
	value: string;
}

/** What follows `/knowledge/` in the address of a knowledge base in Open WebUI. */
export const KNOWLEDGE_URL_PATTERN = '/knowledge/([^/?#\\s]+)';

/** The choice in a resource locator, which an expression may have replaced by plain text. */
export function choiceOf(parameter: unknown): Choice {
	const mode = isObject(parameter) ? String(parameter.mode ?? 'id') : 'id';
	const raw = isObject(parameter) ? parameter.value : parameter;
	const value = String(raw ?? '').trim();
	const urlId = mode === 'url' ? new RegExp(KNOWLEDGE_URL_PATTERN).exec(value)?.[1] : undefined;
	return { mode, value: urlId ?? value };
}

/** The choice in the field `name` of an item. Throws a NodeOperationError when it is empty. */
export function requiredChoice(
	context: IExecuteFunctions,
	name: string,
	label: string,
	itemIndex: number,
): Choice {
	const choice = choiceOf(context.getNodeParameter(name, itemIndex, ''));
	if (choice.value === '') {
		throw new NodeOperationError(context.getNode(), `The field "${label}" is empty`, {
			description: 'Choose an entry from the list, or check the expression in the field.',
			itemIndex,
		});
	}
	return choice;
}
