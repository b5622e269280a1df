import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { baseName } from '../shared/fileName';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { waitForFile } from '../shared/polling';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import type { Turns } from '../shared/turns';
import { metadataOf } from './metadata';
import { simplified, statusOf } from './output';
import type { Progress } from './progress';
import { hintAtMemory } from './progress';
import { filesOfSameContent } from './sameContent';
import type { Upload } from './send';
import { deleteFiles, send, sendOnce } from './send';
import { nameOf, sourceOf } from './source';

type Action = 'uploaded' | 'reused' | 'replaced';

/** What an item asks for. */
interface Job extends Upload {
	ifSame: string;
	waits: boolean;
}

/** What the items of a run have in common. */
export interface UploadRun {
	turns: Turns;
	progress: Progress;
	/** The IDs of the files that items of this run have sent. */
	sentIds: Set<unknown>;
}

/** What became of it. */
interface Outcome {
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

async function sent(
	context: IExecuteFunctions,
	job: Job,
	same: IDataObject[],
): Promise<IDataObject> {
	// Without a look at what is there, an upload whose answer was lost cannot be told from an older one.
	if (job.ifSame === 'upload') return await send(context, job);
	const known = new Set(same.map(({ id }) => id));
	return await sendOnce(context, job, ({ id }) => !known.has(id));
}

async function upload(
	context: IExecuteFunctions,
	job: Job,
	{ progress, sentIds }: UploadRun,
): Promise<Outcome> {
	const { file, ifSame, timeoutMs, itemIndex } = job;
	const same = ifSame === 'upload' ? [] : await filesOfSameContent(context, file, itemIndex);
	const [newest] = same;
	if (newest && ifSame === 'fail') throw alreadyThere(context, file, newest, itemIndex);

	// Another item of the run may have sent it: what that item gave out must not be deleted.
	const ofThisRun = same.find(({ id }) => sentIds.has(id));
	const reused = ifSame === 'reuse' ? newest : ofThisRun;
	const first = reused ?? (await sent(context, job, same));
	const fileId = String(first.id);
	sentIds.add(first.id);
	const onLook = (status: string) => progress.look(itemIndex, status);
	let record = first;
	if (job.waits && statusOf(first) !== 'completed') {
		const wait = { fileId, timeoutMs, itemIndex, doubtFailure: true, onLook };
		record = await waitForFile(context, wait);
	}
	onLook(statusOf(record));

	if (ifSame !== 'replace' || same.length === 0 || reused)
		return { record, action: reused ? 'reused' : 'uploaded' };
	// Only now: a file that cannot be processed must not take the place of a good one.
	const deletedIds = await deleteFiles(context, same, first, itemIndex);
	return { record, action: 'replaced', deletedIds };
}

async function outcomeOf(
	context: IExecuteFunctions,
	name: string,
	run: UploadRun,
	itemIndex: number,
): Promise<Outcome> {
	const options = optionsOf(context, itemIndex);
	const file = await sourceOf(context, name, itemIndex);
	hintAtMemory(context, file);
	const job: Job = {
		file,
		metadata: metadataOf(context, options, itemIndex),
		ifSame: String(options.ifSameContent ?? 'reuse'),
		waits: options.wait !== false,
		timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS),
		itemIndex,
	};
	return await upload(context, job, run);
}

/**
 * Uploads the file, text or JSON of an item, or finds the one that is there, waits until it is searchable,
 * and gives its record. Items of the same name take turns, so that each sees what the others sent.
 * Throws with the server's words or the reason of failed processing.
 */
export async function uploadItem(
	context: IExecuteFunctions,
	run: UploadRun,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const name = nameOf(context, options, itemIndex);
	const work = async () => await outcomeOf(context, name, run, itemIndex);
	const { record, action, deletedIds } =
		options.ifSameContent === 'upload' ? await work() : await run.turns.take(baseName(name), work);
	if (context.getNodeParameter('simplify', itemIndex) !== true) return [record];
	return [{ ...simplified(record, { action }), ...(deletedIds ? { deletedIds } : {}) }];
}
