import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isUsedAsTool } from '../shared/context';
import { fieldText, numberOf } from '../shared/guards';
import { countOf, numberOption, optionsOf, timeoutMsOf } from '../shared/options';
import { matchedWords } from './matchedWords';
import type { FoundPassage } from './passageFilter';
import { passageFilters } from './passageFilter';
import type { QueryRun } from './queryRun';
import { queryServer } from './queryServer';

const DEFAULT_LIMIT = 5;

/** What the filters choose from: no server filters its search by file name or metadata. */
const FILTERED_LIMIT = 100;

const DEFAULT_TIMEOUT_MS = 300_000;

/** Without a word a branch that ends for want of items looks like a fault. */
const NO_PASSAGE =
	'no passage was found for the query. To go on with an empty list, set Options > Output to One Item per Query.';

function queryText(context: IExecuteFunctions, itemIndex: number): string {
	const value = context.getNodeParameter('query', itemIndex, '') as unknown;
	const text = fieldText(value)?.trim();
	if (text) return text;
	const fault = typeof value === 'object' && value !== null ? 'holds no text' : 'is empty';
	throw new NodeOperationError(context.getNode(), `The field "Query" ${fault}`, {
		description: 'Enter a question or a few words, or check the expression in the field.',
		itemIndex,
	});
}

/** An agent knows what it asked and reads the text itself; one score is enough for a model. */
function forAgent(passage: IDataObject): IDataObject {
	const shown = { ...passage };
	delete shown.similarity;
	delete shown.matchedWords;
	return shown;
}

function shownPassage(found: FoundPassage, query: string, withMetadata: boolean): IDataObject {
	const { passage, metadata } = found;
	const words = matchedWords(query, String(passage.text));
	return { ...passage, matchedWords: words, ...(withMetadata && { metadata }) };
}

/** True for a passage with the minimum score; without one every passage is good enough, also below 0. */
function hasScore({ passage }: FoundPassage, minimum: number | undefined): boolean {
	return minimum === undefined || (numberOf(passage.score) ?? 0) >= minimum;
}

/** The passages that pass the filters of the options, best first, numbered. */
async function findPassages(
	context: IExecuteFunctions,
	run: QueryRun,
	query: string,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const limit = countOf(options.topK, DEFAULT_LIMIT);
	const minimumScore = numberOption(context, options.minimumScore, 'Minimum Score', itemIndex);
	const filters = passageFilters(context, options, itemIndex);
	const found = await queryServer(context, {
		collections: await run.collections(context, options, itemIndex),
		text: query,
		limit: filters.length > 0 ? Math.max(limit, FILTERED_LIMIT) : limit,
		timeoutMs: timeoutMsOf(options, DEFAULT_TIMEOUT_MS),
		itemIndex,
	});
	return found
		.filter((one) => hasScore(one, minimumScore) && filters.every((passes) => passes(one)))
		.slice(0, limit)
		.map((one, index): IDataObject => {
			const passage = shownPassage(one, query, options.includeMetadata === true);
			return { ...passage, rank: index + 1 };
		});
}

/**
 * Searches for the query of an item and gives the passages, best first: one output each, or all in
 * one; an agent gets no more of them than it reads. Throws with the server's words, or when the query
 * or all that is to be searched is missing.
 */
export async function queryItem(
	context: IExecuteFunctions,
	run: QueryRun,
	itemIndex: number,
): Promise<IDataObject[]> {
	const query = queryText(context, itemIndex);
	const passages = await findPassages(context, run, query, itemIndex);
	const asList = optionsOf(context, itemIndex).output === 'perQuery';
	if (isUsedAsTool(context)) {
		const results = passages.map(forAgent);
		return asList && results.length > 0 ? [{ results }] : results;
	}
	if (asList) return [{ query, results: passages }];
	if (passages.length === 0) run.remarks.note([NO_PASSAGE], itemIndex, 'info');
	return passages.map((passage) => ({ ...passage, query }));
}
