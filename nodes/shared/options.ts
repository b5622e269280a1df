import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, numberOf } from './guards';

/** The Options collection of an item. */
export function optionsOf(context: IExecuteFunctions, itemIndex: number): IDataObject {
	return context.getNodeParameter('options', itemIndex, {}) as IDataObject;
}

/**
 * An option that holds for the whole run, read at the first item. The others are left alone: an expression
 * among them that fails for this item is the matter of the item.
 */
export function runOption(context: IExecuteFunctions, name: string): unknown {
	return context.getNodeParameter(`options.${name}`, 0, null) ?? undefined;
}

/**
 * The number in an option, which an expression may have filled with anything; undefined when it is blank.
 * Throws a NodeOperationError that names the option when it is no number.
 */
export function numberOption(
	context: IExecuteFunctions,
	value: unknown,
	label: string,
	itemIndex: number,
): number | undefined {
	if (value === undefined || value === null) return undefined;
	if (typeof value === 'string' && value.trim() === '') return undefined;
	const number = ['number', 'string'].includes(typeof value) ? numberOf(Number(value)) : undefined;
	if (number !== undefined) return number;
	throw new NodeOperationError(context.getNode(), `The option "${label}" is not a number`, {
		description: `It is ${(JSON.stringify(value) ?? String(value)).slice(0, 80)}. Check the expression in the option.`,
		itemIndex,
	});
}

/** The time limit of an item in milliseconds. */
export function timeoutMsOf(options: IDataObject, defaultMs: number): number {
	const seconds = numberOf(Number(options.timeout ?? NaN));
	return seconds === undefined || seconds <= 0 ? defaultMs : seconds * 1000;
}

/** A number of things, one at least; the default where the field is blank, zero or no number. */
export function countOf(value: unknown, defaultCount: number): number {
	const count = numberOf(Number(value ?? 0)) ?? 0;
	return Math.max(1, Math.floor(count) || defaultCount);
}

/**
 * The JSON in a form field, which an expression may have filled with an object already. Undefined
 * when the field is blank. Throws a NodeOperationError that names the field when it is not JSON.
 */
export function jsonOf(
	context: IExecuteFunctions,
	value: unknown,
	label: string,
	itemIndex: number,
): unknown {
	if (typeof value !== 'string') return value ?? undefined;
	if (value.trim() === '') return undefined;
	try {
		return JSON.parse(value) as unknown;
	} catch {
		throw new NodeOperationError(context.getNode(), `The field "${label}" is not valid JSON`, {
			description: `It begins with: ${value.trim().slice(0, 80)}`,
			itemIndex,
		});
	}
}

/** As jsonOf, for a field that must hold an object. A blank field gives an empty one. */
export function jsonObjectOf(
	context: IExecuteFunctions,
	value: unknown,
	label: string,
	itemIndex: number,
): IDataObject {
	const parsed = jsonOf(context, value, label, itemIndex) ?? {};
	if (!isObject(parsed)) {
		throw new NodeOperationError(
			context.getNode(),
			`The field "${label}" must hold a JSON object`,
			{
				description: 'It is written in braces, such as {"key": "value"}.',
				itemIndex,
			},
		);
	}
	return parsed;
}
