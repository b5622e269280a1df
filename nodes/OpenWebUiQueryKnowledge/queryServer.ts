import type { IExecuteFunctions } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { numberOf, objectOf } from '../shared/guards';
import { hasText, passageOf } from '../shared/passage';
import { openWebUiRequest } from '../shared/transport';
import type { FoundPassage } from './passageFilter';

/** One search. */
export interface Query {
	collections: string[];
	text: string;
	/** Most passages. */
	limit: number;
	timeoutMs: number;
	itemIndex: number;
}

/** The only inner list of an answer's field; undefined when the field is no list of lists. */
function innerList(field: unknown): unknown[] | undefined {
	if (!Array.isArray(field)) return undefined;
	const first: unknown = field.length === 0 ? [] : field[0];
	return Array.isArray(first) ? first : undefined;
}

/**
 * The passages that match a query, best first, without empty ones. Throws a NodeApiError when the
 * server refuses or answers with something else than lists.
 */
export async function queryServer(
	context: IExecuteFunctions,
	query: Query,
): Promise<FoundPassage[]> {
	const { collections, text, limit } = query;
	// With hybrid search Open WebUI ranks the passages anew, and keeps 3 unless told how many.
	const body = { collection_names: collections, query: text, k: limit, k_reranker: limit };
	const answer = objectOf(
		await openWebUiRequest(context, {
			method: 'POST',
			path: '/api/v1/retrieval/query/collection',
			body: () => body,
			repeatable: true,
			timeoutMs: query.timeoutMs,
			itemIndex: query.itemIndex,
		}),
	);
	const documents = innerList(answer.documents);
	if (documents === undefined) {
		throw unexpectedAnswer(
			context,
			'The server sent no search results',
			'An answer with a list of documents was expected. Check the version and the log of the server.',
			query.itemIndex,
		);
	}
	const metadatas = innerList(answer.metadatas) ?? [];
	const distances = innerList(answer.distances) ?? [];
	return documents
		.map((text, index): FoundPassage => {
			const distance = distances[index];
			const metadata = objectOf(metadatas[index]);
			const passage = passageOf({ text, metadata, distance });
			return { passage: { ...passage, similarity: numberOf(distance) ?? null }, metadata };
		})
		.filter(({ passage }) => hasText(passage));
}
