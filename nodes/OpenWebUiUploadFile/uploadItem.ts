import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import type { FileSource } from '../shared/fileForm';
import { FileForm } from '../shared/fileForm';
import { objectOf, textOf } from '../shared/guards';
import { jsonObjectOf, optionsOf, timeoutMsOf } from '../shared/options';
import { readFile, waitForFile } from '../shared/polling';
import { LONG_TIMEOUT_MS, openWebUiRequest } from '../shared/transport';
import type { Turns } from '../shared/turns';
import { filesOfSameContent } from './sameContent';
import { sourceOf } from './source';

type Action = 'uploaded' | 'reused' | 'replaced';

function metadataOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const metadata = { ...jsonObjectOf(context, options.metadataJson, 'Metadata (JSON)', itemIndex) };
	const { fields } = objectOf(options.metadata) as { fields?: IDataObject[] };
	for (const { name, value } of fields ?? []) {
		if (textOf(name)) metadata[String(name)] = value;
	}
	return metadata;
}

async function send(
	context: IExecuteFunctions,
	file: FileSource,
	metadata: IDataObject,
	timeoutMs: number,
	itemIndex: number,
): Promise<IDataObject> {
	const body = () => {
		const form = new FileForm();
		if (Object.keys(metadata).length > 0) form.append('metadata', JSON.stringify(metadata));
		return form.appendFile('file', file).toBody();
	};
	const answer = await openWebUiRequest(context, {
		method: 'POST',
		path: '/api/v1/files/',
		upload: true,
		body,
		timeoutMs,
		itemIndex,
	});
	const record = objectOf(answer);
	if (textOf(record.id)) return record;
	throw unexpectedAnswer(
		context,
		'The server did not return the uploaded file',
		'Its answer has no file ID. Check the base URL in the credential.',
		itemIndex,
	);
}

function alreadyThere(
	context: IExecuteFunctions,
	file: FileSource,
	same: IDataObject,
	itemIndex: number,
): NodeOperationError {
	return new NodeOperationError(context.getNode(), `"${file.fileName}" is already on the server`, {
		description: `A file of the same name and content has the ID ${String(same.id)}. Options > If Already Uploaded decides what to do.`,
		itemIndex,
	});
}

async function deleteOlder(
	context: IExecuteFunctions,
	older: IDataObject[],
	record: IDataObject,
	itemIndex: number,
): Promise<string[]> {
	const deleted: string[] = [];
	for (const { id, user_id: owner } of older) {
		// An administrator's search may show the files of others.
		if (owner !== undefined && owner !== record.user_id) continue;
		await openWebUiRequest(context, {
			method: 'DELETE',
			path: `/api/v1/files/${encodeURIComponent(String(id))}`,
			itemIndex,
		});
		deleted.push(String(id));
	}
	return deleted;
}

function simplified(record: IDataObject, action: Action): IDataObject {
	const meta = objectOf(record.meta);
	return {
		id: record.id,
		filename: record.filename,
		status: textOf(objectOf(record.data).status) ?? 'pending',
		action,
		hash: record.hash ?? null,
		fileHash: meta.file_hash ?? null,
		sizeBytes: meta.size ?? null,
		contentType: meta.content_type ?? null,
		metadata: objectOf(meta.data),
		createdAt: record.created_at,
	};
}

/** What an item asks for. */
interface Job {
	file: FileSource;
	metadata: IDataObject;
	ifSame: string;
	waits: boolean;
	timeoutMs: number;
	itemIndex: number;
}

/** What became of it. */
interface Outcome {
	record: IDataObject;
	action: Action;
	deletedIds?: string[];
}

async function upload(context: IExecuteFunctions, job: Job): Promise<Outcome> {
	const { file, ifSame, timeoutMs, itemIndex } = job;
	const same = ifSame === 'upload' ? [] : await filesOfSameContent(context, file, itemIndex);
	const [newest] = same;
	if (newest && ifSame === 'fail') throw alreadyThere(context, file, newest, itemIndex);

	const reused = ifSame === 'reuse' ? newest : undefined;
	const sent = reused ?? (await send(context, file, job.metadata, timeoutMs, itemIndex));
	const fileId = String(sent.id);
	let record = sent;
	if (job.waits) record = await waitForFile(context, { fileId, timeoutMs, itemIndex });
	else if (reused) record = await readFile(context, fileId, itemIndex);

	if (ifSame !== 'replace' || same.length === 0)
		return { record, action: reused ? 'reused' : 'uploaded' };
	// Only now: a file that cannot be processed must not take the place of a good one.
	const deletedIds = await deleteOlder(context, same, sent, itemIndex);
	return { record, action: 'replaced', deletedIds };
}

/**
 * Uploads the file, text or JSON of an item, or finds the one that is there, waits until it is searchable,
 * and gives its record. Items of the same name take turns, so that each sees what the others sent.
 * Throws with the server's words or the reason of failed processing.
 */
export async function uploadItem(
	context: IExecuteFunctions,
	turns: Turns,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const file = await sourceOf(context, options, itemIndex);
	const job: Job = {
		file,
		metadata: metadataOf(context, options, itemIndex),
		ifSame: String(options.ifSameContent ?? 'reuse'),
		waits: options.wait !== false,
		timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS),
		itemIndex,
	};
	const work = async () => await upload(context, job);
	const { record, action, deletedIds } =
		job.ifSame === 'upload' ? await work() : await turns.take(file.fileName, work);
	if (context.getNodeParameter('simplify', itemIndex) !== true) return [record];
	return [{ ...simplified(record, action), ...(deletedIds ? { deletedIds } : {}) }];
}
