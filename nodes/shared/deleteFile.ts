import { NodeOperationError } from 'n8n-workflow';

import type { RequestContext } from './context';
import { isOwnFile } from './files';
import { objectOf, textOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { pagedEntries } from './pages';
import { isBusy } from './retry';
import { openWebUiResponse } from './transport';

/** A file that is to be deleted, and for which item. */
export interface Deletion {
	fileId: string;
	/** Where it is known: a knowledge base that holds it and that the key may write to, and its name there. */
	baseId?: string;
	filename?: string;
	/** Time limit of each request, in milliseconds. */
	timeoutMs?: number;
	itemIndex?: number;
}

/** Any answer but that of a busy server: where the collection cannot be emptied, the file is deleted all the same. */
function isFinal(answer: { statusCode: number }): boolean {
	return answer.statusCode >= 400 && !isBusy(answer);
}

/** The key is no administrator's. */
const NO_ADMIN = [401, 403];

/** Refusals that hold for every file: the key is no administrator's, or the server cannot do it. */
const LASTING_REFUSALS = [...NO_ADMIN, 405];

/** What the runs were told that were refused for good. Each asks once, for a server may count refusals as attacks. */
const refusals = new WeakMap<RequestContext, number>();

function pathOf(fileId: string): string {
	return `/api/v1/files/${encodeURIComponent(fileId)}`;
}

/** Empties the file's own collection, as administrators may, and gives the status of the answer. */
async function emptyOwnCollection(context: RequestContext, deletion: Deletion): Promise<number> {
	const { fileId, timeoutMs, itemIndex } = deletion;
	const refusal = refusals.get(context);
	if (refusal !== undefined) return refusal;
	const { statusCode } = await openWebUiResponse(context, {
		method: 'POST',
		path: '/api/v1/retrieval/delete',
		body: () => ({ collection_name: `file-${fileId}`, file_id: fileId }),
		timeoutMs,
		itemIndex,
		repeatable: true,
		tolerate: isFinal,
	});
	if (LASTING_REFUSALS.includes(statusCode)) refusals.set(context, statusCode);
	return statusCode;
}

/**
 * Takes the file out of its knowledge base in the one way in which the server also drops the file's own
 * collection, and only if no other base holds the file, be it one that the key cannot see.
 */
async function cleanUp(context: RequestContext, baseId: string, deletion: Deletion): Promise<void> {
	const { fileId, timeoutMs, itemIndex } = deletion;
	await openWebUiResponse(context, {
		method: 'POST',
		path: `/api/v1/knowledge/${encodeURIComponent(baseId)}/sync/cleanup`,
		body: () => ({ file_ids: [fileId], dir_ids: [] }),
		timeoutMs,
		itemIndex,
		repeatable: true,
		tolerate: isFinal,
	});
}

/** Open WebUI leaves the file's own collection when it deletes the file, and finds it no more afterwards. */
async function dropOwnCollection(context: RequestContext, deletion: Deletion): Promise<void> {
	const { fileId, baseId, filename, itemIndex } = deletion;
	const status = await emptyOwnCollection(context, deletion);
	if (baseId === undefined || filename === undefined) return;
	const isNoAdmin = NO_ADMIN.includes(status);
	// A file without a hash is refused (400). That of somebody else may only be deleted while it is in the base.
	const mayCleanUp = isNoAdmin ? await isOwnFile(context, fileId, filename, itemIndex) : status === 400;
	if (mayCleanUp) await cleanUp(context, baseId, deletion);
}

/** The names of the knowledge bases that hold a file, of those that the user of the key has a share in. */
async function basesWith(
	context: RequestContext,
	fileId: string,
	filename: string,
	itemIndex?: number,
): Promise<string[]> {
	const path = '/api/v1/knowledge/search/files';
	const first = await openWebUiResponse(context, {
		path,
		qs: { query: filename, page: 1 },
		itemIndex,
		// Servers without the route take it for the ID of a knowledge base, or send their web page.
		tolerate: (answer) => answer.statusCode === 400 || isMissingRoute(answer, true),
	});
	if (first.statusCode === 400 || isMissingRoute(first, true)) return [];
	const names: string[] = [];
	for await (const entry of pagedEntries(context, path, { query: filename }, itemIndex, first.body)) {
		const { id, name } = objectOf(entry.collection);
		if (entry.id === fileId) names.push(`"${textOf(name) ?? String(id)}"`);
	}
	return names;
}

/** The server says "not there" also of a file that somebody else may delete: it can still be read then. */
async function throwIfThere(context: RequestContext, deletion: Deletion): Promise<void> {
	const { fileId, itemIndex } = deletion;
	const response = await openWebUiResponse(context, {
		path: pathOf(fileId),
		itemIndex,
		tolerate: ({ statusCode }) => statusCode === 404,
	});
	if (response.statusCode === 404) return;
	const name = textOf(objectOf(response.body).filename) ?? fileId;
	const bases = await basesWith(context, fileId, name, itemIndex);
	const where = bases.length > 0 ? ` It is still in the knowledge base ${bases.join(', ')}.` : '';
	throw new NodeOperationError(context.getNode(), `The API key may not delete the file "${name}"`, {
		description: `The file ${fileId} belongs to another user, and only that user or an administrator may delete it. Nothing was changed.${where}`,
		itemIndex,
	});
}

/**
 * Deletes a file from the server: its record, its bytes, and its text in all knowledge bases, also in those
 * that the user of the key cannot see. One that is gone already counts as deleted. Throws a
 * NodeOperationError that names the knowledge bases when the file may not be deleted; nothing was changed then.
 *
 * What may remain is the file's own collection `file-<id>`, which administrators alone can query: with the key
 * of a user who is none, and of a file that failed after it had been embedded, unless `baseId` is the only base
 * that holds it (and the server is 0.12.4 or newer). On servers before 0.8.0 the text stays in the knowledge bases that
 * the file was not taken out of before.
 */
export async function deleteFile(context: RequestContext, deletion: Deletion): Promise<void> {
	const { fileId, timeoutMs, itemIndex } = deletion;
	await dropOwnCollection(context, deletion);
	// Taking it out of one base with `delete_file` would leave its text in every other one for good.
	const { statusCode } = await openWebUiResponse(context, {
		method: 'DELETE',
		path: pathOf(fileId),
		timeoutMs,
		itemIndex,
		repeatable: true,
		tolerate: (answer) => answer.statusCode === 404,
	});
	if (statusCode === 404) await throwIfThere(context, deletion);
}
