import type { IExecuteFunctions } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import type { AddRun, ReadyJob } from './addRun';
import { eachLink, linkFile, linkTogether, unlinkFile } from './links';

/** A batch makes one text of all pages on a real Open WebUI, and answers could name no page then. */
function hasPages({ contentType, filename }: ReadyJob): boolean {
	return contentType === 'application/pdf' || /\.pdf$/i.test(filename ?? '');
}

/** True for a refusal that one file of the batch may have brought on the others. */
function mayBeOneFile(error: unknown): boolean {
	const status = isObject(error) ? String(error.httpCode) : '';
	return status !== '429' && /^(4\d\d|500)$/.test(status);
}

async function replace(context: IExecuteFunctions, job: ReadyJob, other: string): Promise<void> {
	const former = { ...job, ...job.files.linked.get(other), fileId: other };
	await unlinkFile(context, former);
	try {
		await linkFile(context, job);
	} catch (error) {
		// The base must not end up with neither of the two.
		await linkFile(context, former);
		throw withItemIndex(context, error, job.itemIndex);
	}
}

/** Those that are left for requests of their own, or have failed with their batch. */
async function linkBatch(
	context: IExecuteFunctions,
	batch: ReadyJob[],
	errors: Map<ReadyJob, unknown>,
): Promise<ReadyJob[]> {
	const [first] = batch;
	if (!first || batch.length === 1) return batch;
	try {
		const leftOut = new Set(await linkTogether(context, batch));
		return batch.filter((job) => leftOut.has(job));
	} catch (error) {
		throwIfCancelled(context, first.itemIndex);
		const rest = batch.filter(({ files, fileId }) => !files.linked.has(fileId));
		if (mayBeOneFile(error)) return rest;
		for (const job of rest) errors.set(job, error);
		return [];
	}
}

/** What came of adding: the errors of those that failed, and those whose text somebody else added first. */
export interface Linked {
	errors: Map<ReadyJob, unknown>;
	overtaken: ReadyJob[];
}

/**
 * Adds files of different texts to a knowledge base: most in one request; those with pages, those that
 * take another's place and those that the request left out one by one, which gives the reason. Throws
 * when the execution is stopped.
 */
export async function linkAll(run: AddRun, jobs: ReadyJob[]): Promise<Linked> {
	const { context, settings } = run;
	const errors = new Map<ReadyJob, unknown>();
	const isAlone = (job: ReadyJob) => job.other !== undefined || hasPages(job);
	const together = jobs.filter((job) => !isAlone(job));
	const leftOut = await linkBatch(context, together, errors);
	const isOvertaken = ({ files, fileId, hash }: ReadyJob) =>
		files.twinOf(fileId, hash) !== undefined;
	const overtaken = leftOut.filter(isOvertaken);
	const singles = [
		...leftOut.filter((job) => !isOvertaken(job)),
		...jobs.filter(isAlone),
	];
	const failed = await eachLink(context, singles, settings.concurrency, async (job) =>
		job.other === undefined
			? await linkFile(context, job)
			: await replace(context, job, job.other),
	);
	for (const [job, error] of failed) errors.set(job, error);
	return { errors, overtaken };
}
