import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { baseName } from '../shared/fileName';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import { metadataOf } from './metadata';
import { simplified } from './output';
import { hintAtMemory } from './progress';
import { nameOf, sourceOf } from './source';
import type { UploadJob, UploadOutcome, UploadRun } from './uploadFile';
import { uploadFile } from './uploadFile';

async function outcomeOf(
	context: IExecuteFunctions,
	name: string,
	run: UploadRun,
	itemIndex: number,
): Promise<UploadOutcome> {
	const options = optionsOf(context, itemIndex);
	const file = await sourceOf(context, name, itemIndex);
	hintAtMemory(context, file);
	const job: UploadJob = {
		file,
		metadata: metadataOf(context, options, itemIndex),
		ifSame: String(options.ifSameContent ?? 'reuse'),
		waits: options.wait !== false,
		timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS),
		itemIndex,
	};
	return await uploadFile(context, job, run);
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
