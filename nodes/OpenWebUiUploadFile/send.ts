import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { pause, throwIfCancelled } from '../shared/context';
import { deleteFile } from '../shared/deleteFile';
import { isPassing, unexpectedAnswer } from '../shared/errors';
import type { FileSource } from '../shared/fileForm';
import { FileForm } from '../shared/fileForm';
import { objectOf, textOf } from '../shared/guards';
import { faultDelayMs } from '../shared/retry';
import { withItemIndex } from '../shared/runItems';
import type { OpenWebUiRequest } from '../shared/transport';
import { openWebUiRequest } from '../shared/transport';
import { filesOfSameContent } from './sameContent';

/** A file on its way to the server. */
export interface Upload {
	file: FileSource;
	metadata: IDataObject;
	timeoutMs: number;
	itemIndex: number;
}

/** When a proxy has given up, the file may still arrive: time for that, before the first look. */
const FIRST_LOOK_MS = 500;

async function post(
	context: IExecuteFunctions,
	{ timeoutMs, itemIndex }: Upload,
	body: OpenWebUiRequest['body'],
): Promise<unknown> {
	const path = '/api/v1/files/';
	const request: OpenWebUiRequest = { method: 'POST', path, upload: true, body, timeoutMs, itemIndex };
	return await openWebUiRequest(context, request);
}

/** Not waited for: a file that is being read is let go after the read. */
function closeAll(forms: FileForm[]): void {
	for (const form of forms) form.close().catch(() => undefined);
}

/** Sends the file and gives its record. Throws a NodeApiError when the server refuses it. */
export async function send(context: IExecuteFunctions, upload: Upload): Promise<IDataObject> {
	const { file, metadata, itemIndex } = upload;
	const forms: FileForm[] = [];
	const body = () => {
		const form = new FileForm();
		forms.push(form);
		if (Object.keys(metadata).length > 0) form.append('metadata', JSON.stringify(metadata));
		return form.appendFile('file', file).toBody();
	};
	const record = objectOf(await post(context, upload, body).finally(() => closeAll(forms)));
	if (textOf(record.id)) return record;
	throw unexpectedAnswer(
		context,
		'The server did not return the uploaded file',
		'Its answer has no file ID. Check the base URL in the credential.',
		itemIndex,
	);
}

/** Undefined when the answer was lost on the way, so that nobody knows whether the file arrived. */
async function trySend(
	context: IExecuteFunctions,
	upload: Upload,
	isLastTry: boolean,
): Promise<IDataObject | undefined> {
	try {
		return await send(context, upload);
	} catch (error) {
		throwIfCancelled(context, upload.itemIndex);
		if (!isLastTry && isPassing(error)) return undefined;
		throw withItemIndex(context, error, upload.itemIndex);
	}
}

/**
 * As send, but tries again after a fault of the server or a cut connection, unless the file has arrived
 * all the same: a record of the same name and bytes that `isNew` takes for it.
 */
export async function sendOnce(
	context: IExecuteFunctions,
	upload: Upload,
	isNew: (record: IDataObject) => boolean,
): Promise<IDataObject> {
	const { file, itemIndex } = upload;
	for (let tries = 1; ; tries++) {
		const delayMs = faultDelayMs(tries, FIRST_LOOK_MS);
		const record = await trySend(context, upload, delayMs === undefined);
		if (record) return record;
		await pause(context, delayMs ?? 0, itemIndex);
		const found = await filesOfSameContent(context, file, itemIndex);
		const arrived = found.find(isNew);
		if (arrived) return arrived;
	}
}

/**
 * Deletes the files that belong to the same user as `record` and gives their IDs: an administrator's
 * lists may show the files of others.
 */
export async function deleteFiles(
	context: IExecuteFunctions,
	files: IDataObject[],
	record: IDataObject,
	itemIndex: number,
): Promise<string[]> {
	const deleted: string[] = [];
	for (const { id, user_id: owner } of files) {
		if (owner !== undefined && owner !== record.user_id) continue;
		await deleteFile(context, { fileId: String(id), itemIndex });
		deleted.push(String(id));
	}
	return deleted;
}
