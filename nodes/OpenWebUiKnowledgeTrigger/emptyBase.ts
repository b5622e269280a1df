import type { RequestContext } from '../shared/context';
import { unexpectedAnswer } from '../shared/errors';
import { numberOf, objectOf, textOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { isMissingRoute } from '../shared/missingRoute';
import { pagedEntries } from '../shared/pages';
import { openWebUiResponse } from '../shared/transport';
import { readRecord } from './fileRecord';

const SEARCH = '/api/v1/knowledge/search/files';

/** Most entries of the search that are looked at, 30 a request. */
const MAX_ENTRIES = 3_000;

/** Said where the poll is given up because the server contradicts itself. */
export const NOTHING_LOST =
	'The next look is taken as usual, and no event is lost. Look at the log of the server if this stays.';

/** What speaks against an empty list of a knowledge base. */
interface Doubt {
	/** How many files the server counts in it. */
	count: number;
	/** One that was in it at an earlier look. */
	rememberedId?: string;
}

/** How many files the server counts in a base; undefined when it does not show the base in its list. */
export async function fileCountOf(
	context: RequestContext,
	base: KnowledgeBase,
): Promise<number | undefined> {
	for await (const entry of pagedEntries(context, '/api/v1/knowledge/')) {
		if (entry.id === base.id) return numberOf(entry.file_count) ?? 0;
	}
	return undefined;
}

/**
 * Whether a search in all bases finds a file in this one, which the server does with another query than
 * that of the list. Undefined when it has no such search, or too many files to go through.
 */
async function isFoundIn(
	context: RequestContext,
	base: KnowledgeBase,
	filename: string,
): Promise<boolean | undefined> {
	const qs = { query: filename };
	const first = await openWebUiResponse(context, {
		path: SEARCH,
		qs: { ...qs, page: 1 },
		tolerate: (answer) => [400, 404].includes(answer.statusCode) || isMissingRoute(answer),
	});
	if (first.statusCode >= 400 || isMissingRoute(first)) return undefined;
	let left = MAX_ENTRIES;
	for await (const entry of pagedEntries(context, SEARCH, qs, undefined, first.body)) {
		if (objectOf(entry.collection).id === base.id) return true;
		if (--left <= 0) return undefined;
	}
	return false;
}

/**
 * Throws a NodeApiError unless a base whose list is empty, although the server counts files in it, may be
 * empty: where a file was deleted together with its place in another base Open WebUI goes on counting it.
 */
export async function assertEmpty(
	context: RequestContext,
	base: KnowledgeBase,
	{ count, rememberedId }: Doubt,
): Promise<void> {
	const found = rememberedId === undefined ? undefined : await readRecord(context, rememberedId);
	if (rememberedId !== undefined && !found) return;
	const isFound = await isFoundIn(context, base, textOf(found?.record.filename) ?? '');
	// A base that only counts what is gone must not keep the workflow from being activated for ever.
	if (isFound === false || (isFound === undefined && rememberedId === undefined)) return;
	throw unexpectedAnswer(
		context,
		`The server lists no files of the knowledge base "${base.name}" although it counts ${count}`,
		NOTHING_LOST,
	);
}
