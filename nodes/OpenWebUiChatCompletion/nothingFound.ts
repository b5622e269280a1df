import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isUsedAsTool } from '../shared/context';
import { objectOf, textOf } from '../shared/guards';
import type { SourceRule } from './sourcePolicy';
import { bestScoreOf } from './sourcePolicy';

/** A question for which nothing was found. */
export interface Miss {
	/** The body of the request. */
	request: IDataObject;
	/** The passages that the server found and the rule refused. */
	refused: IDataObject[];
	/** Sentences about attachments that could not be used. */
	faults: string[];
	rule: SourceRule;
}

/** The text of the last message of the user: what the server searches for. */
export function questionOf(request: IDataObject): string {
	const messages: unknown[] = Array.isArray(request.messages) ? request.messages : [];
	const last = messages
		.map(objectOf)
		.filter(({ role }) => role === 'user')
		.pop();
	const content: unknown = last?.content;
	if (!Array.isArray(content)) return String(content ?? '');
	return content.map((part) => textOf(objectOf(part).text) ?? '').join('');
}

/** In a sentence or two: why there is nothing. */
export function reasonOf({ request, refused, faults, rule }: Miss): string {
	if (!Array.isArray(request.files) || request.files.length === 0) {
		return objectOf(request.params).function_calling === 'legacy'
			? 'No knowledge and no files are chosen, and the server found nothing in what belongs to the model.'
			: 'No knowledge and no files are chosen.';
	}
	const best = bestScoreOf(refused);
	if (best !== undefined) {
		const rest = faults.length > 0 ? ` ${faults.join(' ')}` : '';
		return `No passage has the minimum score of ${rule.minimumScore}; the best has ${best.toFixed(2)}.${rest}`;
	}
	if (faults.length > 0) return faults.join(' ');
	return 'Nothing in the chosen knowledge and files has to do with the question.';
}

/** For items that must not be answered without sources. */
export function nothingFoundError(
	context: IExecuteFunctions,
	miss: Miss,
	itemIndex: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), 'Nothing was found in the knowledge and files', {
		description: `${reasonOf(miss)} Options > No Answer Without Sources is set to Fail the Item.`,
		itemIndex,
	});
}

/**
 * The item for the output "Nothing Found": what came in, what was asked, and why there is no answer. To the
 * input of a tool n8n has added what the agent and its user said: nothing for the model.
 */
export function nothingFoundItem(
	context: IExecuteFunctions,
	miss: Miss,
	itemIndex: number,
): IDataObject {
	const input = isUsedAsTool(context) ? {} : context.getInputData()[itemIndex]?.json;
	return {
		...input,
		nothingFound: {
			question: questionOf(miss.request),
			reason: reasonOf(miss),
			bestScore: bestScoreOf(miss.refused) ?? null,
		},
	};
}
