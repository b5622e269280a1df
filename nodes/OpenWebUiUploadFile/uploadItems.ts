import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import type { Pace } from '../shared/pace';
import { runItems } from '../shared/runItems';
import { Turns } from '../shared/turns';
import { NamedFiles } from './namedFiles';
import { Progress } from './progress';
import type { UploadRun } from './uploadFile';
import { uploadItem } from './uploadItem';

/** Uploads the file of each item and leaves a hint that tells how many of them are searchable. */
export async function uploadItems(
	context: IExecuteFunctions,
	pace: Pace,
): Promise<INodeExecutionData[]> {
	const progress = new Progress(context, context.getInputData().length);
	const run: UploadRun = {
		turns: new Turns(),
		progress,
		files: new NamedFiles(),
		knownIds: new Set(),
	};
	const work = async (itemIndex: number) => await uploadItem(context, run, itemIndex);
	try {
		return await runItems(context, work, pace);
	} finally {
		progress.end();
	}
}
