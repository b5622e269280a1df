import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isCancelled, throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { optionsOf } from '../shared/options';
import { errorItem, withItemIndex } from '../shared/runItems';
import type { EmbedBatch } from './embedBatch';
import { embedBatch } from './embedBatch';
import type { EmbedJob } from './embedJob';
import { embedJob } from './embedJob';

/** One text on its way: whose it is and at which place of its item. */
interface Piece {
	job: EmbedJob;
	position: number;
}

/** Vectors by item and place, and the items that failed. */
interface Results {
	vectors: Map<number, number[][]>;
	failures: Map<number, unknown>;
}

function fail(
	context: IExecuteFunctions,
	results: Results,
	itemIndex: number,
	error: unknown,
): void {
	if (isCancelled(context) || !context.continueOnFail()) {
		throw withItemIndex(context, error, itemIndex);
	}
	results.failures.set(itemIndex, error);
}

function collectJobs(context: IExecuteFunctions, results: Results): EmbedJob[] {
	const jobs: EmbedJob[] = [];
	const count = context.getInputData().length;
	for (let itemIndex = 0; itemIndex < count; itemIndex++) {
		try {
			jobs.push(embedJob(context, itemIndex));
		} catch (error) {
			fail(context, results, itemIndex, error);
		}
	}
	return jobs;
}

function toBatches(jobs: EmbedJob[]): Piece[][] {
	const groups = new Map<string, Piece[]>();
	for (const job of jobs) {
		const key = JSON.stringify([job.settings, job.batchSize, job.timeoutMs]);
		const pieces = groups.get(key) ?? [];
		job.texts.forEach((_, position) => pieces.push({ job, position }));
		groups.set(key, pieces);
	}
	return [...groups.values()].flatMap((pieces) => {
		const size = pieces[0]?.job.batchSize ?? 1;
		const count = Math.ceil(pieces.length / size);
		return Array.from({ length: count }, (_, index) =>
			pieces.slice(index * size, (index + 1) * size),
		);
	});
}

function requestFor(pieces: Piece[], job: EmbedJob): EmbedBatch {
	return {
		texts: pieces.map((piece) => piece.job.texts[piece.position] ?? ''),
		settings: job.settings,
		timeoutMs: job.timeoutMs,
		itemIndex: job.itemIndex,
	};
}

/** True if one text may have spoilt the batch, so that the others are worth another try. */
function mayBeOneText(error: unknown): boolean {
	return isObject(error) && ['400', '413', '422', '500'].includes(String(error.httpCode));
}

async function runBatch(
	context: IExecuteFunctions,
	pieces: Piece[],
	results: Results,
): Promise<void> {
	const [first] = pieces;
	if (!first) return;
	throwIfCancelled(context, first.job.itemIndex);
	try {
		const vectors = await embedBatch(context, requestFor(pieces, first.job));
		pieces.forEach(({ job, position }, index) => {
			const own = results.vectors.get(job.itemIndex) ?? [];
			own[position] = vectors[index] ?? [];
			results.vectors.set(job.itemIndex, own);
		});
	} catch (error) {
		if (pieces.length > 1 && context.continueOnFail() && mayBeOneText(error)) {
			const middle = Math.ceil(pieces.length / 2);
			await runBatch(context, pieces.slice(0, middle), results);
			await runBatch(context, pieces.slice(middle), results);
			return;
		}
		for (const { job } of pieces) fail(context, results, job.itemIndex, error);
	}
}

function outputOf(
	context: IExecuteFunctions,
	job: EmbedJob,
	vectors: number[][],
): INodeExecutionData {
	const { itemIndex } = job;
	const inputItem = context.getInputData()[itemIndex];
	const single = context.getNodeParameter('inputType', itemIndex) === 'text';
	const keep = context.getNodeParameter('output', itemIndex) === 'addToItem';
	const field = String(optionsOf(context, itemIndex).outputField ?? '') || 'embedding';
	const json: IDataObject = {
		...(keep ? inputItem?.json : {}),
		[field]: single ? vectors[0] : vectors,
	};
	const item: INodeExecutionData = { json, pairedItem: { item: itemIndex } };
	if (keep && inputItem?.binary) item.binary = inputItem.binary;
	return item;
}

/**
 * Embeds the texts of all input items, in as few requests as the batch size allows, and gives one
 * output item for each input item, in their order. With continueOnFail a refused batch is halved
 * until the text at fault stands alone.
 */
export async function embedItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const results: Results = { vectors: new Map(), failures: new Map() };
	const jobs = collectJobs(context, results);
	for (const pieces of toBatches(jobs)) await runBatch(context, pieces, results);
	const outputs = new Map<number, INodeExecutionData>();
	for (const [itemIndex, error] of results.failures)
		outputs.set(itemIndex, errorItem(error, itemIndex));
	for (const job of jobs) {
		if (outputs.has(job.itemIndex)) continue;
		outputs.set(job.itemIndex, outputOf(context, job, results.vectors.get(job.itemIndex) ?? []));
	}
	return [...outputs.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
}
