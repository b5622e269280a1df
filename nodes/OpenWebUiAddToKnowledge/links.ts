import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { KnowledgeBase } from '../shared/knowledge';
import { openWebUiRequest } from '../shared/transport';

/** A file and the knowledge base it goes into or out of. */
export interface Link {
	base: KnowledgeBase;
	fileId: string;
	timeoutMs: number;
	itemIndex: number;
}

async function post(
	context: IExecuteFunctions,
	link: Link,
	action: 'add' | 'remove',
	qs?: IDataObject,
): Promise<void> {
	const { base, fileId, timeoutMs, itemIndex } = link;
	await openWebUiRequest(context, {
		method: 'POST',
		path: `/api/v1/knowledge/${encodeURIComponent(base.id)}/file/${action}`,
		qs,
		body: () => ({ file_id: fileId }),
		timeoutMs,
		itemIndex,
	});
}

/** Puts a processed file into a knowledge base. Throws a NodeApiError when the server refuses. */
export async function linkFile(context: IExecuteFunctions, link: Link): Promise<void> {
	await post(context, link, 'add');
}

/**
 * Takes a file out of a knowledge base and keeps the file, unless told to delete it altogether.
 * Throws a NodeApiError when refused.
 */
export async function unlinkFile(
	context: IExecuteFunctions,
	link: Link,
	deleteFile = false,
): Promise<void> {
	// Left out, it would be true.
	await post(context, link, 'remove', { delete_file: deleteFile });
}
