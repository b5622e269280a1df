import { NodeOperationError } from 'n8n-workflow';

import type { RequestContext } from './context';
import { objectOf, textOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { pagedEntries } from './pages';
import { openWebUiResponse } from './transport';

/** A file that is to be deleted, and for which item. */
export interface Deletion {
	fileId: string;
	/** Time limit of each request, in milliseconds. */
	timeoutMs?: number;
	itemIndex?: number;
}

/** Answers that say that the collection cannot be emptied here, and never that the server is in trouble. */
const REFUSALS = [400, 401, 403, 404, 405];

/** Those of them that hold for every file: the key is no administrator's, or the server cannot do it. */
const LASTING_REFUSALS = [401, 403, 405];

/** The runs that were told so. Each asks once, for a server may count refusals as attacks. */
const refusedRuns = new WeakSet<RequestContext>();

function pathOf(fileId: string): string {
	return `/api/v1/files/${encodeURIComponent(fileId)}`;
}

/** Open WebUI forgets the file's own collection when it deletes the file, and finds it no more afterwards. */
async function emptyOwnCollection(context: RequestContext, deletion: Deletion): Promise<void> {
	const { fileId, timeoutMs, itemIndex } = deletion;
	if (refusedRuns.has(context)) return;
	const { statusCode } = await openWebUiResponse(context, {
		method: 'POST',
		path: '/api/v1/retrieval/delete',
		body: () => ({ collection_name: `file-${fileId}`, file_id: fileId }),
		timeoutMs,
		itemIndex,
		repeatable: true,
		tolerate: (answer) => REFUSALS.includes(answer.statusCode),
	});
	if (LASTING_REFUSALS.includes(statusCode)) refusedRuns.add(context);
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
 * What remains: with the key of a user who is no administrator, or of a file that failed after it had been
 * embedded, the collection `file-<id>`, which administrators alone can query. On servers before 0.8.0 also
 * the text in the knowledge bases that the file was not taken out of before.
 */
export async function deleteFile(context: RequestContext, deletion: Deletion): Promise<void> {
	const { fileId, timeoutMs, itemIndex } = deletion;
	await emptyOwnCollection(context, deletion);
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
