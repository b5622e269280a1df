import type { IDataObject } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { RunCache } from './cache';
import type { RequestContext } from './context';
import { objectOf, textOf } from './guards';
import type { Choice } from './locator';
import { pagedEntries } from './pages';
import { openWebUiRequest } from './transport';

/** A knowledge base as far as the nodes need it. */
export interface KnowledgeBase {
	id: string;
	name: string;
}

/** What to make of a name that no knowledge base has. */
export interface NewKnowledge {
	description: string;
	access: 'private' | 'public';
}

const EVERYONE_READS: IDataObject[] = [
	{ principal_type: 'user', principal_id: '*', permission: 'read' },
];

function toBase(entry: IDataObject): KnowledgeBase {
	return { id: String(entry.id), name: textOf(entry.name) ?? String(entry.id) };
}

async function createKnowledge(
	context: RequestContext,
	name: string,
	create: NewKnowledge,
	itemIndex?: number,
): Promise<KnowledgeBase> {
	const body: IDataObject = {
		name,
		description: create.description,
		access_grants: create.access === 'public' ? EVERYONE_READS : [],
	};
	const created = await openWebUiRequest(context, {
		method: 'POST',
		path: '/api/v1/knowledge/create',
		body: () => body,
		itemIndex,
	});
	return toBase(objectOf(created));
}

async function basesNamed(
	context: RequestContext,
	name: string,
	itemIndex?: number,
): Promise<KnowledgeBase[]> {
	const found: KnowledgeBase[] = [];
	for await (const entry of pagedEntries(context, '/api/v1/knowledge/', {}, itemIndex)) {
		if (entry.name === name) found.push(toBase(entry));
	}
	return found;
}

async function knowledgeByName(
	context: RequestContext,
	name: string,
	create: NewKnowledge | undefined,
	itemIndex?: number,
): Promise<KnowledgeBase> {
	const found = await basesNamed(context, name, itemIndex);
	const [first] = found;
	if (found.length > 1) {
		throw new NodeOperationError(
			context.getNode(),
			`${found.length} knowledge bases are named "${name}"`,
			{
				description: `Choose one by ID: ${found.map(({ id }) => id).join(', ')}`,
				itemIndex,
			},
		);
	}
	if (first) return first;
	if (create) return await createKnowledge(context, name, create, itemIndex);
	throw new NodeOperationError(context.getNode(), `No knowledge base is named "${name}"`, {
		description:
			'Names are compared exactly, in upper and lower case. Only knowledge bases that the user of the API key may read are seen.',
		itemIndex,
	});
}

async function knowledgeById(
	context: RequestContext,
	id: string,
	itemIndex?: number,
): Promise<KnowledgeBase> {
	const path = `/api/v1/knowledge/${encodeURIComponent(id)}`;
	return toBase(objectOf(await openWebUiRequest(context, { path, itemIndex })));
}

/**
 * The knowledge base that was chosen by list, ID, URL or name; a missing name is created when
 * `create` is given. Every base is looked up, or created, once per node run. Throws a NodeApiError or
 * a NodeOperationError when there is none, or when several have the name.
 */
export async function resolveKnowledge(
	context: RequestContext,
	cache: RunCache<KnowledgeBase>,
	choice: Choice,
	itemIndex?: number,
	create?: NewKnowledge,
): Promise<KnowledgeBase> {
	const { mode, value } = choice;
	if (mode !== 'name') {
		return await cache.get(
			`id:${value}`,
			async () => await knowledgeById(context, value, itemIndex),
		);
	}
	return await cache.get(
		`name:${value}`,
		async () => await knowledgeByName(context, value, create, itemIndex),
	);
}
