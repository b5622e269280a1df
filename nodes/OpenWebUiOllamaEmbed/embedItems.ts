import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isCancelled, throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { modelHint } from '../shared/modelHint';
import { eachPaced, paceOf } from '../shared/pace';
import { errorItem, withItemIndex } from '../shared/runItems';
import type { EmbedBatch, Embedded } from './embedBatch';
import { embedBatch, unusableVectors } from './embedBatch';
import type { EmbedJob } from './embedJob';
import { embedJob } from './embedJob';
import { embedOutput } from './embedOutput';
import type { Piece } from './pieces';
import { toBatches } from './pieces';

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

function requestFor(pieces: Piece[], job: EmbedJob): EmbedBatch {
	return {
		texts: pieces.map(({ text }) => text),
		settings: job.settings,
		timeoutMs: job.timeoutMs,
		itemIndex: job.itemIndex,
	};
}

/** True if one text may have spoilt the batch, so that the others are worth another try. */
function mayBeOneText(error: unknown): boolean {
	if (!isObject(error)) return false;
	const status = String(error.httpCode);
	// Where there is advice about the model, no text is at fault.
	const isModel = modelHint(Number(status), String(error.message)) !== undefined;
	return !isModel && ['400', '413', '422', '500'].includes(status);
}

async function runBatch(
	context: IExecuteFunctions,
	pieces: Piece[],
	results: Results,
): Promise<void> {
	const job = pieces[0]?.uses[0].job;
	if (!job) return;
	throwIfCancelled(context, job.itemIndex);
	const batch = requestFor(pieces, job);
	let embedded: Embedded[];
	try {
		embedded = await embedBatch(context, batch);
	} catch (error) {
		if (pieces.length > 1 && context.continueOnFail() && mayBeOneText(error)) {
			const middle = Math.ceil(pieces.length / 2);
			await runBatch(context, pieces.slice(0, middle), results);
			await runBatch(context, pieces.slice(middle), results);
			return;
		}
		const uses = pieces.flatMap((piece) => piece.uses);
		for (const use of uses) fail(context, results, use.job.itemIndex, error);
		return;
	}
	for (const [index, one] of embedded.entries()) {
		for (const { job: { itemIndex }, position } of pieces[index]?.uses ?? []) {
			if ('fault' in one) {
				fail(context, results, itemIndex, unusableVectors(context, batch, one.fault, itemIndex));
				continue;
			}
			const own = results.vectors.get(itemIndex) ?? [];
			own[position] = one.vector;
			results.vectors.set(itemIndex, own);
		}
	}
}

/**
 * Embeds the texts of all input items, in as few requests as the batch size allows, and gives one
 * output item for each input item, in their order. With continueOnFail a refused batch is halved
 * until the text at fault stands alone.
 */
export async function embedItems(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	const results: Results = { vectors: new Map(), failures: new Map() };
	const jobs = collectJobs(context, results);
	const batches = toBatches(jobs);
	await eachPaced(context, batches.length, paceOf(context), async (index) => {
		await runBatch(context, batches[index] ?? [], results);
	});
	const outputs = new Map<number, INodeExecutionData>();
	for (const job of jobs) {
		const { itemIndex } = job;
		if (results.failures.has(itemIndex)) continue;
		try {
			outputs.set(itemIndex, embedOutput(context, job, results.vectors.get(itemIndex) ?? []));
		} catch (error) {
			fail(context, results, itemIndex, error);
		}
	}
	for (const [itemIndex, error] of results.failures)
		outputs.set(itemIndex, errorItem(context, error, itemIndex));
	return [...outputs.entries()].sort(([a], [b]) => a - b).map(([, item]) => item);
}
