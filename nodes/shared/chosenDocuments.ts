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

/** What a user is told of items for which hasBlankRow is true. */
export const BLANK_ROW_REMARK =
	'an entry under Knowledge or Files is empty and was passed over. Check its expression.';

/** True if a row for a knowledge base or a file has nothing in it, as an expression that finds nothing leaves it. */
export function hasBlankRow(context: IExecuteFunctions, itemIndex: number): boolean {
	const bases = rowsOf(context, 'knowledgeBases', itemIndex).map(({ knowledge }) => knowledge);
	const files = rowsOf(context, 'files', itemIndex).map(({ file }) => file);
	return [...bases, ...files].some((row) => choiceOf(row).value === '');
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
