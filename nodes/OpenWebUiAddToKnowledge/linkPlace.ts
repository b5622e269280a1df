import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { KnowledgeBase, NewKnowledge } from '../shared/knowledge';
import { resolveKnowledge } from '../shared/knowledge';
import { requiredChoice } from '../shared/locator';
import type { LinkedFiles, RunState } from './runState';

/** The file and the knowledge base of an item, and the files that the base has now. */
export interface LinkPlace {
	base: KnowledgeBase;
	fileId: string;
	linked: LinkedFiles;
}

function fileIdOf(context: IExecuteFunctions, itemIndex: number): string {
	const value: unknown = context.getNodeParameter('fileId', itemIndex, '');
	const fileId = typeof value === 'string' ? value.trim() : '';
	if (fileId !== '') return fileId;
	throw new NodeOperationError(context.getNode(), 'The field "File ID" is empty', {
		description:
			'It takes the ID that the Upload File node returns: {{ $json.id }}. Check that the node before this one gives it.',
		itemIndex,
	});
}

/**
 * What an item is about; a missing base is created when `create` is given. Throws a NodeOperationError
 * when a field is empty, or what resolveKnowledge throws.
 */
export async function linkPlace(
	context: IExecuteFunctions,
	state: RunState,
	itemIndex: number,
	create?: NewKnowledge,
): Promise<LinkPlace> {
	const fileId = fileIdOf(context, itemIndex);
	const choice = requiredChoice(context, 'knowledge', 'Knowledge', itemIndex);
	const base = await resolveKnowledge(context, state.bases, choice, itemIndex, create);
	return { base, fileId, linked: await state.filesOf(context, base, itemIndex) };
}
