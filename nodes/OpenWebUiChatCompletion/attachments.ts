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

/** Whose attachments are asked for. */
export interface AttachmentQuery {
	model: string;
	options: IDataObject;
	/** True where the server adds by itself what belongs to the model. */
	isServersWork: boolean;
	itemIndex: number;
}

/**
 * The `files` of a chat request: the knowledge bases and files of the form and of the ID options, then
 * those that belong to the model, each once. Knowledge bases by name are looked up.
 */
export async function attachmentsOf(
	context: IExecuteFunctions,
	run: ChatRun,
	{ model, options, isServersWork, itemIndex }: AttachmentQuery,
): Promise<IDataObject[]> {
	const collections = await knowledgeIds(context, run, options, itemIndex);
	const files = chosenFiles(context, options, itemIndex);
	const whole = options.wholeDocuments === true ? { context: 'full' } : {};
	const entries = [
		...collections.map((id) => ({ type: 'collection', id })),
		...files.map((id) => ({ type: 'file', id })),
		...(isServersWork ? [] : await run.modelKnowledge(context, model, itemIndex)),
	];
	const unique = new Map(entries.map((entry) => [`${String(entry.type)} ${String(entry.id)}`, entry]));
	return [...unique.values()].map((entry) => ({ ...entry, ...whole }));
}
