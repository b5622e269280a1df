import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { runItems } from '../shared/runItems';
import { Turns } from '../shared/turns';
import { Progress } from './progress';
import { uploadItem } from './uploadItem';

/** Uploads the file of each item and leaves a hint that tells how many of them are searchable. */
export async function uploadItems(
	context: IExecuteFunctions,
	concurrency: number,
): Promise<INodeExecutionData[]> {
	const turns = new Turns();
	const progress = new Progress(context, context.getInputData().length);
	const work = async (itemIndex: number) => await uploadItem(context, turns, progress, itemIndex);
	try {
		return await runItems(context, work, concurrency);
	} finally {
		progress.end();
	}
}
