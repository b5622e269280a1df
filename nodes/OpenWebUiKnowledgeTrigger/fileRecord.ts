import type { IDataObject } from 'n8n-workflow';

import type { RequestContext } from '../shared/context';
import { objectOf } from '../shared/guards';
import type { TextState } from '../shared/polling';
import { textStateOf } from '../shared/polling';
import { openWebUiResponse } from '../shared/transport';

/** Most records that are asked for one by one in a look; the rest has its turn at the next one. */
export const MAX_SINGLE_RECORDS = 50;

/** The record of a file without its text, and how far the text is. */
export interface FileRecord {
	record: IDataObject;
	text: TextState;
}

/** The record of a single file; undefined when it is gone, or when the user may not see it. */
export async function readRecord(
	context: RequestContext,
	id: string,
): Promise<FileRecord | undefined> {
	const response = await openWebUiResponse(context, {
		path: `/api/v1/files/${encodeURIComponent(id)}`,
		tolerate: ({ statusCode }) => statusCode === 404,
	});
	if (response.statusCode === 404) return undefined;
	const record = objectOf(response.body);
	const text = textStateOf(record);
	const data = { ...objectOf(record.data) };
	delete data.content;
	return { record: { ...record, data }, text };
}
