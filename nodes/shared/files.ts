import type { IDataObject, IN8nHttpFullResponse } from 'n8n-workflow';

import type { RequestContext } from './context';
import { entriesOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { serverMessage } from './serverMessage';
import { openWebUiResponse } from './transport';

/** Most entries the server gives at once. */
export const FILES_AT_ONCE = 1000;

const OWN_FILES = '/api/v1/files/user/search';
const READABLE_FILES = '/api/v1/files/search';

/** The server says "no match" with status 404 and this text, also for a page past the end. */
function isNoMatch(response: IN8nHttpFullResponse): boolean {
	return response.statusCode === 404 && /no files found/i.test(serverMessage(response.body) ?? '');
}

/** Servers before 0.12.4 have no search among one's own files, and may take it for the ID of a file. */
function hasNoOwnSearch(response: IN8nHttpFullResponse): boolean {
	return response.statusCode === 404 || isMissingRoute(response);
}

/**
 * The uploaded files whose names match (`*` and `?` are wildcards), newest first, without their text.
 * Only the files of the key's user where the server can tell, else, and with `ofEveryone`, all that
 * the user may read.
 */
export async function* filesByName(
	context: RequestContext,
	filename: string,
	itemIndex?: number,
	ofEveryone = false,
): AsyncGenerator<IDataObject> {
	let path = ofEveryone ? READABLE_FILES : OWN_FILES;
	for (let skip = 0; ;) {
		const response = await openWebUiResponse(context, {
			path,
			qs: { filename, content: false, skip, limit: FILES_AT_ONCE },
			itemIndex,
			tolerate: (answer) => isNoMatch(answer) || (path === OWN_FILES && hasNoOwnSearch(answer)),
		});
		if (isNoMatch(response)) return;
		if (path === OWN_FILES && hasNoOwnSearch(response)) {
			path = READABLE_FILES;
			continue;
		}
		const entries = entriesOf(response.body);
		yield* entries;
		if (entries.length < FILES_AT_ONCE) return;
		skip += entries.length;
	}
}

/** Whether a file belongs to the user of the key. False as well where the server cannot tell (before 0.12.4). */
export async function isOwnFile(
	context: RequestContext,
	fileId: string,
	filename: string,
	itemIndex?: number,
): Promise<boolean> {
	const response = await openWebUiResponse(context, {
		path: OWN_FILES,
		qs: { filename: filename.replace(/[*[\]]/g, '?'), content: false, limit: FILES_AT_ONCE },
		itemIndex,
		tolerate: hasNoOwnSearch,
	});
	return !hasNoOwnSearch(response) && entriesOf(response.body).some(({ id }) => id === fileId);
}
