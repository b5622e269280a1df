import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from './context';
import { entriesOf, objectOf, totalOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { openWebUiRequest, openWebUiResponse } from './transport';

/** A server that repeats itself must not keep a node busy for ever. */
const MAX_PAGES = 10_000;

/**
 * All entries of a list that comes in pages (`page` from 1), one by one. A bare array, as older
 * servers send it, is the whole list. `firstPage` is the body of the first page where it is known. `onTotal`
 * is told the number of entries that each page claims for the whole list.
 */
export async function* pagedEntries(
	context: RequestContext,
	path: string,
	qs: IDataObject = {},
	itemIndex?: number,
	firstPage?: unknown,
	onTotal?: (total: number) => void,
): AsyncGenerator<IDataObject> {
	let seen = 0;
	for (let page = 1; page <= MAX_PAGES; page++) {
		const body: unknown =
			page === 1 && firstPage !== undefined
				? firstPage
				: await openWebUiRequest(context, { path, qs: { ...qs, page }, itemIndex });
		const entries = entriesOf(body);
		const total = totalOf(body);
		if (total !== undefined) onTotal?.(total);
		yield* entries;
		seen += entries.length;
		if (entries.length === 0 || Array.isArray(body) || seen >= (total ?? seen)) return;
	}
}

/**
 * The files of a knowledge base, one by one; `qs` may ask for an order and a page size, and `onTotal` is that of
 * pagedEntries. Servers before 0.6.42 have no list of their own for them and tell them with the knowledge base.
 */
export async function* filesOfBase(
	context: RequestContext,
	baseId: string,
	qs: IDataObject = {},
	itemIndex?: number,
	onTotal?: (total: number) => void,
): AsyncGenerator<IDataObject> {
	const path = `/api/v1/knowledge/${encodeURIComponent(baseId)}`;
	const first = await openWebUiResponse(context, {
		path: `${path}/files`,
		qs: { ...qs, page: 1 },
		itemIndex,
		tolerate: (response) => isMissingRoute(response),
	});
	if (!isMissingRoute(first)) {
		yield* pagedEntries(context, `${path}/files`, qs, itemIndex, first.body, onTotal);
		return;
	}
	const base = objectOf(await openWebUiRequest(context, { path, itemIndex }));
	yield* entriesOf(base.files);
}
