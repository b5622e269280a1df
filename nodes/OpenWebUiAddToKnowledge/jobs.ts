import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { fieldText, isObject, textOf } from '../shared/guards';
import type { NewKnowledge } from '../shared/knowledge';
import { resolveKnowledge } from '../shared/knowledge';
import { requiredChoice } from '../shared/locator';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import type { BaseFiles, RunState } from './runState';

/** The part of an item that says where: its knowledge base, with the files in it, and its options. */
export interface Place {
	files: BaseFiles;
	options: IDataObject;
	timeoutMs: number;
	itemIndex: number;
}

/** An item that asks for a file to be in a knowledge base. */
export interface Job extends Place {
	fileId: string;
	ifDuplicate: string;
}

/** The text of a field of the form. Throws a NodeOperationError when it is empty, or holds a list or an object. */
export function requiredText(
	context: IExecuteFunctions,
	field: { name: string; label: string; help: string },
	itemIndex: number,
): string {
	const entered: unknown = context.getNodeParameter(field.name, itemIndex, '');
	const value = isObject(entered) && '__rl' in entered ? entered.value : entered;
	const text = fieldText(value)?.trim() ?? '';
	if (text !== '') return text;
	if (typeof value === 'object' && value !== null) {
		const what = Array.isArray(value) ? 'a list' : 'an object';
		throw new NodeOperationError(context.getNode(), `The field "${field.label}" holds ${what}, not a text`, {
			description: `It is ${JSON.stringify(value).slice(0, 80)}. The node takes one for each item: put a Split Out node before it, or choose one in the expression.`,
			itemIndex,
		});
	}
	throw new NodeOperationError(context.getNode(), `The field "${field.label}" is empty`, {
		description: field.help,
		itemIndex,
	});
}

/**
 * The field "File ID" of an item. Throws a NodeOperationError when it is empty, with the reason that the
 * item bears when its upload failed.
 */
export function fileIdOf(context: IExecuteFunctions, itemIndex: number): string {
	const { error, filename } = context.getInputData()[itemIndex]?.json ?? {};
	const reason = textOf(error);
	const help =
		reason === undefined
			? 'It takes the ID that the Upload File node returns: {{ $json.id }}. Check that the node before this one gives it.'
			: `The node before this one failed with this file (${textOf(filename) ?? 'its name is unknown'}): ${reason}`;
	return requiredText(context, { name: 'fileId', label: 'File ID', help }, itemIndex);
}

function newKnowledge(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): NewKnowledge | undefined {
	if (context.getNodeParameter('createIfMissing', itemIndex, false) !== true) return undefined;
	return {
		description: textOf(options.description) ?? '',
		access: options.access === 'public' ? 'public' : 'private',
	};
}

/**
 * Where an item is about to work; a missing knowledge base is created when `mayCreate` and the item
 * asks for it. Throws a NodeOperationError when the field is empty, or what resolveKnowledge throws.
 */
export async function placeOf(
	context: IExecuteFunctions,
	state: RunState,
	itemIndex: number,
	mayCreate: boolean,
): Promise<Place> {
	const options = optionsOf(context, itemIndex);
	const create = mayCreate ? newKnowledge(context, options, itemIndex) : undefined;
	const choice = requiredChoice(context, 'knowledge', 'Knowledge', itemIndex);
	const base = await resolveKnowledge(context, state.bases, choice, itemIndex, create);
	const files = await state.filesOf(context, base, itemIndex);
	return { files, options, timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS), itemIndex };
}
