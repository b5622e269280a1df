import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { isObject, objectOf } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import type { Turns } from '../shared/turns';
import type { NamedFiles } from './namedFiles';
import { statusOf } from './output';
import type { Progress } from './progress';
import { searchable } from './searchable';
import type { Upload } from './send';
import { deleteFiles, send, sendOnce } from './send';

type Action = 'uploaded' | 'reused' | 'replaced';

/** What an item asks for. */
export interface UploadJob extends Upload {
	/** What to do when the same content is there: `reuse`, `replace`, `fail` or `upload`. */
	ifSame: string;
	waits: boolean;
}

/** What the items of a run have in common. */
export interface UploadRun {
	turns: Turns;
	progress: Progress;
	files: NamedFiles;
	/** The IDs of the files that items of this run have sent or given out. */
	knownIds: Set<unknown>;
}

/** What became of it. */
export interface UploadOutcome {
	record: IDataObject;
	action: Action;
	deletedIds?: string[];
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

/** True where the file cannot have arrived. */
function wasRefused(error: unknown): boolean {
	return isObject(error) && /^4\d\d$/.test(String(error.httpCode));
}

/** Sends the file. With `upload` without a look: a file whose answer was lost could not be told from an older one. */
async function sent(
	context: IExecuteFunctions,
	job: UploadJob,
	same: IDataObject[],
	{ files, knownIds }: UploadRun,
): Promise<IDataObject> {
	const isBlind = job.ifSame === 'upload';
	const before = new Set(same.map(({ id }) => id));
	try {
		const record = isBlind ? await send(context, job) : await sendOnce(context, job, ({ id }) => !before.has(id));
		knownIds.add(record.id);
		if (isBlind) files.forget(job.file.fileName);
		return record;
	} catch (error) {
		if (!wasRefused(error)) files.forget(job.file.fileName);
		throw withItemIndex(context, error, job.itemIndex);
	}
}

/** Waits for the file where the item wants that, and notes how it stands for the items that come after. */
async function settled(
	context: IExecuteFunctions,
	job: UploadJob,
	first: IDataObject,
	{ files, knownIds, progress }: UploadRun,
): Promise<IDataObject> {
	const { file, timeoutMs, itemIndex } = job;
	let status = statusOf(first);
	const onLook = (now: string): void => {
		status = now;
		progress.look(itemIndex, now);
	};
	const isOurs = knownIds.has(first.id);
	knownIds.add(first.id);
	try {
		const record = job.waits ? await searchable(context, first, { timeoutMs, itemIndex, isOurs, onLook }) : first;
		onLook(statusOf(record));
		await files.put(file.fileName, record);
		return record;
	} catch (error) {
		// The next item of the same content must not take it for one that it can reuse.
		if (status === 'failed') await files.put(file.fileName, { ...first, data: { ...objectOf(first.data), status } });
		else files.forget(file.fileName);
		throw withItemIndex(context, error, itemIndex);
	}
}

/** Only called once the new file has settled: one that cannot be processed must not take the place of a good one. */
async function deleteOlder(
	context: IExecuteFunctions,
	{ file, itemIndex }: UploadJob,
	older: IDataObject[],
	record: IDataObject,
	{ files }: UploadRun,
): Promise<string[]> {
	try {
		const deletedIds = await deleteFiles(context, older, record, itemIndex);
		await files.remove(file.fileName, deletedIds);
		return deletedIds;
	} catch (error) {
		files.forget(file.fileName);
		throw withItemIndex(context, error, itemIndex);
	}
}

/**
 * Brings the file of an item to the server, or finds the one that is there, and waits until it is searchable.
 * Throws with the server's words or the reason of failed processing.
 */
export async function uploadFile(
	context: IExecuteFunctions,
	job: UploadJob,
	run: UploadRun,
): Promise<UploadOutcome> {
	const { file, ifSame, itemIndex } = job;
	const same = ifSame === 'upload' ? [] : await run.files.ofSameContent(context, file, itemIndex);
	const [newest] = same;
	if (newest && ifSame === 'fail') throw alreadyThere(context, file, newest, itemIndex);

	// Another item of the run may have given it out: then it must not be deleted.
	const ofThisRun = same.find(({ id }) => run.knownIds.has(id));
	const reused = ifSame === 'reuse' ? newest : ofThisRun;
	const first = reused ?? (await sent(context, job, same, run));
	const record = await settled(context, job, first, run);
	if (ifSame !== 'replace' || same.length === 0 || reused) {
		return { record, action: reused ? 'reused' : 'uploaded' };
	}
	const deletedIds = await deleteOlder(context, job, same, first, run);
	return { record, action: 'replaced', deletedIds };
}
