import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from './context';
import { entriesOf, totalOf } from './guards';
import { openWebUiRequest } from './transport';

/** A server that repeats itself must not keep a node busy for ever. */
const MAX_PAGES = 10_000;

/**
 * All entries of a list that comes in pages (`page` from 1), one by one. A bare array, as older
 * servers send it, is the whole list.
 */
export async function* pagedEntries(
	context: RequestContext,
	path: string,
	qs: IDataObject = {},
	itemIndex?: number,
): AsyncGenerator<IDataObject> {
	let seen = 0;
	for (let page = 1; page <= MAX_PAGES; page++) {
		const body = await openWebUiRequest(context, { path, qs: { ...qs, page }, itemIndex });
		const entries = entriesOf(body);
		yield* entries;
		seen += entries.length;
		if (entries.length === 0 || Array.isArray(body) || seen >= (totalOf(body) ?? seen)) return;
	}
}
