import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from '../shared/context';
import { unexpectedAnswer } from '../shared/errors';
import { FILES_AT_ONCE } from '../shared/files';
import type { KnowledgeBase } from '../shared/knowledge';
import type { Page } from '../shared/pages';
import { filesOfBase } from '../shared/pages';
import { assertEmpty, fileCountOf, NOTHING_LOST } from './emptyBase';
import type { Entry } from './entry';

/** The entries in the list of a knowledge base. */
export interface LinkedFiles {
	entries: IDataObject[];
	/** Whether the list came in one piece: what is not in it was not there. */
	isAtomic: boolean;
}

/**
 * Open WebUI gives an empty list and counts nothing when its own query fails. On the first page that may be
 * the truth, on a later one, which was asked for because there was more, it is not.
 */
function isBroken(pages: Page[]): boolean {
	const last = pages[pages.length - 1];
	return pages.length > 1 && last.count === 0 && (last.total ?? 0) === 0;
}

async function readOnce(
	context: RequestContext,
	base: KnowledgeBase,
): Promise<LinkedFiles & { pages: Page[] }> {
	const entries: IDataObject[] = [];
	const pages: Page[] = [];
	// In this order new entries come last and move none of the others to a page that was read already.
	const qs = { limit: FILES_AT_ONCE, order_by: 'created_at', direction: 'asc' };
	const onPage = (page: Page): void => void pages.push(page);
	for await (const entry of filesOfBase(context, base.id, qs, undefined, onPage)) entries.push(entry);
	const isAtomic = pages.length <= 1 && (pages[0]?.total ?? 0) <= entries.length;
	return { entries, isAtomic, pages };
}

/** The list to its end. Throws when it breaks off twice. */
async function readWhole(context: RequestContext, base: KnowledgeBase): Promise<LinkedFiles> {
	const first = await readOnce(context, base);
	if (!isBroken(first.pages)) return first;
	const { entries, isAtomic, pages } = await readOnce(context, base);
	if (!isBroken(pages)) return { entries, isAtomic };
	throw unexpectedAnswer(
		context,
		`The server lists ${entries.length} files of the knowledge base "${base.name}" although it counts ${pages[0]?.total ?? 'more'}`,
		NOTHING_LOST,
	);
}

/**
 * The entries in the list of a knowledge base. One request for 30 of them, 1,000 for administrators. An empty
 * list is doubted where it would mean something: at the first look, for which `known` is undefined, and
 * where files in the base are remembered. Throws a NodeApiError when the server contradicts itself.
 */
export async function readLinkedFiles(
	context: RequestContext,
	base: KnowledgeBase,
	known: ReadonlyMap<string, Entry> | undefined,
): Promise<LinkedFiles> {
	const first = await readWhole(context, base);
	if (first.entries.length > 0) return first;
	const inside = [...(known ?? [])].find(([, { phase }]) => phase === 's' || phase === 'f');
	if (known && !inside) return first;
	const count = await fileCountOf(context, base);
	if (count === 0) return first;
	const second = await readWhole(context, base);
	if (second.entries.length === 0 && count !== undefined) {
		await assertEmpty(context, base, { count, rememberedId: inside?.[0] });
	}
	return second;
}
