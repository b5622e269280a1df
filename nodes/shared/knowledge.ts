import type { IDataObject } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { RunCache } from './cache';
import type { RequestContext } from './context';
import { isObject, objectOf, textOf } from './guards';
import type { Choice } from './locator';
import { pagedEntries } from './pages';
import { openWebUiRequest } from './transport';

/** A knowledge base as far as the nodes need it. */
export interface KnowledgeBase {
	id: string;
	name: string;
	/** True where the deletion of a file takes its text out of the knowledge bases; servers before 0.8.0 leave it. */
	isCleanedUp: boolean;
}

/** What to make of a name that no knowledge base has. */
export interface NewKnowledge {
	description: string;
	access: 'private' | 'public';
}

const EVERYONE_READS: IDataObject = {
	principal_type: 'user',
	principal_id: '*',
	permission: 'read',
};

function toBase(entry: IDataObject): KnowledgeBase {
	return {
		id: String(entry.id),
		name: textOf(entry.name) ?? String(entry.id),
		// They came with the same release.
		isCleanedUp: Array.isArray(entry.access_grants),
	};
}

/** Servers up to 0.7 know `access_control` instead, where null is public; each passes over the other's. */
function accessFields(access: NewKnowledge['access']): IDataObject {
	return access === 'public'
		? { access_grants: [EVERYONE_READS], access_control: null }
		: { access_grants: [], access_control: {} };
}

/** Whether everybody may read the knowledge base; undefined when its record does not tell. */
function isPublic(record: IDataObject): boolean | undefined {
	const { access_grants: grants, access_control: control } = record;
	if (!Array.isArray(grants)) return control === undefined ? undefined : control === null;
	return (grants as unknown[]).some(
		(grant) => isObject(grant) && grant.principal_type === 'user' && grant.principal_id === '*',
	);
}

/** A server passes over grants that it does not accept, without a word; nobody would notice. */
async function refuseOtherAccess(
	context: RequestContext,
	base: KnowledgeBase,
	access: NewKnowledge['access'],
	itemIndex?: number,
): Promise<never> {
	await openWebUiRequest(context, {
		method: 'DELETE',
		path: `/api/v1/knowledge/${encodeURIComponent(base.id)}/delete`,
		itemIndex,
	});
	throw new NodeOperationError(
		context.getNode(),
		`The server did not make the new knowledge base "${base.name}" ${access}`,
		{
			description:
				'It was deleted again. The user of the API key may lack the permission to share knowledge bases with everyone. Choose Private under Options > Access of a New Knowledge Base, or create the knowledge base in Open WebUI.',
			itemIndex,
		},
	);
}

async function createKnowledge(
	context: RequestContext,
	name: string,
	create: NewKnowledge,
	itemIndex?: number,
): Promise<KnowledgeBase> {
	const { description, access } = create;
	const body: IDataObject = { name, description, ...accessFields(access) };
	const created = objectOf(
		await openWebUiRequest(context, {
			method: 'POST',
			path: '/api/v1/knowledge/create',
			body: () => body,
			itemIndex,
		}),
	);
	const base = toBase(created);
	const wantsPublic = access === 'public';
	if ((isPublic(created) ?? wantsPublic) === wantsPublic) return base;
	return await refuseOtherAccess(context, base, access, itemIndex);
}

/** As it is compared: the parts of a letter may be stored joined or apart, and blanks around it are not seen. */
function nameOf(entry: IDataObject): string | undefined {
	return textOf(entry.name)?.trim().normalize('NFC');
}

async function basesNamed(
	context: RequestContext,
	name: string,
	itemIndex?: number,
): Promise<KnowledgeBase[]> {
	const found: KnowledgeBase[] = [];
	const wanted = name.normalize('NFC');
	for await (const entry of pagedEntries(context, '/api/v1/knowledge/', {}, itemIndex)) {
		if (nameOf(entry) === wanted) found.push(toBase(entry));
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
