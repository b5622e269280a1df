import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from './context';
import { entriesOf, objectOf, totalOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { openWebUiRequest, openWebUiResponse } from './transport';

/** A server that repeats itself must not keep a node busy for ever. */
const MAX_PAGES = 10_000;

/** What is said of a page that was read: its entries, and those of the whole list where the server tells. */
export interface Page {
	count: number;
	total?: number;
}

/**
 * All entries of a list that comes in pages (`page` from 1), one by one. A bare array, as older
 * servers send it, is the whole list. `firstPage` is the body of the first page where it is known; `onPage`
 * is told of each page before its entries come.
 */
export async function* pagedEntries(
	context: RequestContext,
	path: string,
	qs: IDataObject = {},
	itemIndex?: number,
	firstPage?: unknown,
	onPage?: (page: Page) => void,
): AsyncGenerator<IDataObject> {
	let seen = 0;
	for (let page = 1; page <= MAX_PAGES; page++) {
		const body: unknown =
			page === 1 && firstPage !== undefined
				? firstPage
				: await openWebUiRequest(context, { path, qs: { ...qs, page }, itemIndex });
		const entries = entriesOf(body);
		onPage?.({ count: entries.length, total: totalOf(body) });
		yield* entries;
		seen += entries.length;
		if (entries.length === 0 || Array.isArray(body) || seen >= (totalOf(body) ?? seen)) return;
	}
}

/**
 * The files of a knowledge base, one by one; `qs` may ask for an order and a page size, and `onPage` is
 * told of each page. Servers before 0.6.42 have no list of their own for them and tell them with the knowledge base.
 */
export async function* filesOfBase(
	context: RequestContext,
	baseId: string,
	qs: IDataObject = {},
	itemIndex?: number,
	onPage?: (page: Page) => void,
): AsyncGenerator<IDataObject> {
	const path = `/api/v1/knowledge/${encodeURIComponent(baseId)}`;
	const first = await openWebUiResponse(context, {
		path: `${path}/files`,
		qs: { ...qs, page: 1 },
		itemIndex,
		tolerate: (response) => isMissingRoute(response),
	});
	if (!isMissingRoute(first)) {
		yield* pagedEntries(context, `${path}/files`, qs, itemIndex, first.body, onPage);
		return;
	}
	const base = objectOf(await openWebUiRequest(context, { path, itemIndex }));
	yield* entriesOf(base.files);
}
