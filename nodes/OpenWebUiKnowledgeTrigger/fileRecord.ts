import type { RequestContext } from '../shared/context';
import type { FileRecord } from '../shared/polling';
import { fileRecordOf } from '../shared/polling';
import { openWebUiResponse } from '../shared/transport';

/** Most records that are asked for one by one in a look; the rest has its turn at the next one. */
export const MAX_SINGLE_RECORDS = 50;

/** The record of a single file; undefined when it is gone, or when the user may not see it. */
export async function readRecord(
	context: RequestContext,
	id: string,
): Promise<FileRecord | undefined> {
	const response = await openWebUiResponse(context, {
		path: `/api/v1/files/${encodeURIComponent(id)}`,
		tolerate: ({ statusCode }) => statusCode === 404,
	});
	return response.statusCode === 404 ? undefined : fileRecordOf(response.body);
}
