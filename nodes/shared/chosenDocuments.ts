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
