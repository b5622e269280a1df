import type {
	IDataObject,
	ILoadOptionsFunctions,
	IN8nHttpFullResponse,
	INodeListSearchItems,
	INodeListSearchResult,
} from 'n8n-workflow';

import { CapabilityFinder, isAble } from './capabilities';
import { filesByName } from './files';
import { entriesOf, objectOf, textOf, totalOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { requestModels } from './modelList';
import { isEmbeddingModel, toModel } from './models';
import { openWebUiRequest, openWebUiResponse } from './transport';

function matching(entries: INodeListSearchItems[], filter?: string): INodeListSearchItems[] {
	const words = (filter ?? '').trim().toLowerCase();
	return entries.filter(
		({ name, value }) =>
			name.toLowerCase().includes(words) || String(value).toLowerCase().includes(words),
	);
}

const byName = (a: INodeListSearchItems, b: INodeListSearchItems): number =>
	a.name.localeCompare(b.name);

/** Models that can chat, by name. */
export async function searchModels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const models = (await requestModels(this))
		.filter((entry) => !isEmbeddingModel(entry))
		.map((entry) => toModel(entry));
	const entries = models.map(({ id, name }) => ({
		name: name === id ? id : `${name} (${id})`,
		value: id,
	}));
	return { results: matching(entries, filter).sort(byName) };
}

/** Models behind the Ollama API that embed, by what the server tells, else by family and name. */
async function embeddingTags(
	context: ILoadOptionsFunctions,
	tags: IDataObject[],
): Promise<IDataObject[]> {
	const known = await new CapabilityFinder().of(context, tags);
	return tags.filter((tag, index) => isAble(tag, 'embedding', known[index]));
}

/** Models behind the Ollama API that embed; all of them when none seems to, as names may hide it. */
export async function searchOllamaModels(
	this: ILoadOptionsFunctions,
	filter?: string,
): Promise<INodeListSearchResult> {
	const all = await requestModels(this, { path: '/ollama/api/tags' });
	const able = await embeddingTags(this, all);
	const entries = (able.length > 0 ? able : all)
		.map((tag) => String(tag.model ?? tag.name))
		.map((id) => ({ name: id, value: id }));
	return { results: matching(entries, filter).sort(byName) };
}

const toKnowledgeEntry = (entry: IDataObject): INodeListSearchItems => ({
	name: textOf(entry.name) ?? String(entry.id),
	value: String(entry.id),
	description: textOf(entry.description),
});

/** Knowledge bases that the user of the key may read; the server filters and pages. */
export async function searchKnowledge(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const page = Number(paginationToken ?? '1');
	const qs: IDataObject = { page };
	if (filter) qs.query = filter;
	const isMissing = (response: IN8nHttpFullResponse) => isMissingRoute(response, true);
	const path = '/api/v1/knowledge/search';
	const response = await openWebUiResponse(this, { path, qs, tolerate: isMissing });
	if (!isMissing(response)) return pageOf(response.body, page, 30, toKnowledgeEntry);
	// Servers before 0.6.42 have no search, and give the whole list at once.
	const all = entriesOf(await openWebUiRequest(this, { path: '/api/v1/knowledge/' }));
	return { results: matching(all.map(toKnowledgeEntry), filter) };
}

/** Uploaded files, newest first. */
export async function searchFiles(
	this: ILoadOptionsFunctions,
	filter?: string,
	paginationToken?: string,
): Promise<INodeListSearchResult> {
	const toEntry = (entry: IDataObject): INodeListSearchItems => ({
		name: textOf(entry.filename) ?? textOf(objectOf(entry.meta).name) ?? String(entry.id),
		value: String(entry.id),
	});
	const page = Number(paginationToken ?? '1');
	if (!filter) {
		const qs = { page, content: false };
		const body = await openWebUiRequest(this, { path: '/api/v1/files/', qs });
		return pageOf(body, page, 50, toEntry);
	}
	const entries: INodeListSearchItems[] = [];
	// The list without a filter shows an administrator the files of everyone.
	const all = filesByName(this, `*${filter}*`, undefined, true);
	for await (const found of all) entries.push(toEntry(found));
	return { results: entries };
}

function pageOf(
	body: unknown,
	page: number,
	pageSize: number,
	toEntry: (entry: IDataObject) => INodeListSearchItems,
): INodeListSearchResult {
	const results = entriesOf(body).map(toEntry);
	const more = results.length > 0 && (totalOf(body) ?? 0) > page * pageSize;
	return more ? { results, paginationToken: String(page + 1) } : { results };
}
