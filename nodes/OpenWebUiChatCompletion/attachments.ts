import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { objectOf, textList } from '../shared/guards';
import { resolveKnowledge } from '../shared/knowledge';
import { choiceOf } from '../shared/locator';
import type { ChatRun } from './chatRun';

function rowsOf(context: IExecuteFunctions, name: string, itemIndex: number): IDataObject[] {
	const { values } = objectOf(context.getNodeParameter(name, itemIndex, {})) as {
		values?: IDataObject[];
	};
	return values ?? [];
}

async function knowledgeIds(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	itemIndex: number,
): Promise<string[]> {
	const ids = textList(options.knowledgeIds);
	for (const row of rowsOf(context, 'knowledgeBases', itemIndex)) {
		const choice = choiceOf(row.knowledge);
		if (choice.value === '') continue;
		const byName = choice.mode === 'name';
		const base = byName ? await resolveKnowledge(context, run.bases, choice, itemIndex) : undefined;
		ids.push(base?.id ?? choice.value);
	}
	return ids;
}

/**
 * The `files` of a chat request: the knowledge bases and files of the form and of the ID options,
 * each once. Knowledge bases by name are looked up.
 */
export async function attachmentsOf(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	itemIndex: number,
): Promise<IDataObject[]> {
	const collections = await knowledgeIds(context, run, options, itemIndex);
	const chosenFiles = rowsOf(context, 'files', itemIndex).map((row) => choiceOf(row.file).value);
	const files = [...textList(options.fileIds), ...chosenFiles.filter(Boolean)];
	const whole = options.wholeDocuments === true ? { context: 'full' } : {};
	const entries = (type: string, ids: string[]): IDataObject[] =>
		[...new Set(ids)].map((id) => ({ type, id, ...whole }));
	return [...entries('collection', collections), ...entries('file', files)];
}
