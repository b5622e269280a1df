import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { objectOf, textList } from './guards';
import type { Choice } from './locator';
import { choiceOf } from './locator';

function rowsOf(context: IExecuteFunctions, name: string, itemIndex: number): IDataObject[] {
	const { values } = objectOf(context.getNodeParameter(name, itemIndex, {})) as {
		values?: IDataObject[];
	};
	return values ?? [];
}

/** True if an option was added and its list has nothing in it. */
export function isBlankList(options: IDataObject, name: string): boolean {
	return name in options && textList(options[name]).length === 0;
}

/** What a user is told of a list of the form that has nothing in it, or an entry with nothing in it. */
export function blankRemark(what: string): string {
	return `${what} is empty and was passed over. Check its expression.`;
}

/**
 * Sentences about entries and options for knowledge bases and files with nothing in them, as an expression that
 * finds nothing leaves them.
 */
export function blankChoices(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): string[] {
	const bases = rowsOf(context, 'knowledgeBases', itemIndex).map(({ knowledge }) => knowledge);
	const files = rowsOf(context, 'files', itemIndex).map(({ file }) => file);
	const hasBlankRow = [...bases, ...files].some((row) => choiceOf(row).value === '');
	return [
		...(hasBlankRow ? ['an entry under Knowledge or Files'] : []),
		...(isBlankList(options, 'knowledgeIds') ? ['the option Knowledge IDs'] : []),
		...(isBlankList(options, 'fileIds') ? ['the option File IDs'] : []),
	].map(blankRemark);
}

/** The knowledge bases of the ID option and of the form, in this order; blank rows are left out. */
export function chosenKnowledge(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): Choice[] {
	const byId = textList(options.knowledgeIds).map((value) => ({ mode: 'id', value }));
	const rows = rowsOf(context, 'knowledgeBases', itemIndex);
	const chosen = rows.map(({ knowledge }) => choiceOf(knowledge));
	return [...byId, ...chosen.filter(({ value }) => value !== '')];
}

/** The IDs of the files of the ID option and of the form, each once; blank rows are left out. */
export function chosenFiles(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): string[] {
	const chosen = rowsOf(context, 'files', itemIndex).map(({ file }) => choiceOf(file).value);
	return [...new Set([...textList(options.fileIds), ...chosen.filter(Boolean)])];
}
