import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { chosenFiles, chosenKnowledge } from '../shared/chosenDocuments';
import { resolveKnowledge } from '../shared/knowledge';
import type { ChatRun } from './chatRun';

async function knowledgeIds(
	context: IExecuteFunctions,
	run: ChatRun,
	options: IDataObject,
	itemIndex: number,
): Promise<string[]> {
	const ids: string[] = [];
	for (const choice of chosenKnowledge(context, options, itemIndex)) {
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
	const files = chosenFiles(context, options, itemIndex);
	const whole = options.wholeDocuments === true ? { context: 'full' } : {};
	const entries = (type: string, ids: string[]): IDataObject[] =>
		[...new Set(ids)].map((id) => ({ type, id, ...whole }));
	return [...entries('collection', collections), ...entries('file', files)];
}
