import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isCancelled, throwIfCancelled } from '../shared/context';
import { isObject } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import type { AddRun, ReadyJob } from './addRun';
import type { Link } from './links';
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

/** The error for a file that another was to take the place of, and that nobody can put back any more. */
function takenOutError(context: IExecuteFunctions, former: Link, error: unknown, what: string): NodeOperationError {
	const { files, fileId, filename, itemIndex } = former;
	const reason = isObject(error) ? String(error.message) : String(error);
	// n8n takes an error for that of a stopped execution by its text.
	const lead = isCancelled(context) ? 'The execution was canceled' : reason;
	return new NodeOperationError(
		context.getNode(),
		`${lead}. The file "${filename ?? fileId}" ${what} out of the knowledge base "${files.base.name}", and the one to replace it may not be there`,
		{
			description: `Run the workflow again to put the new file there, or add the former one, ${fileId}.`,
			itemIndex,
		},
	);
}

async function replace(context: IExecuteFunctions, job: ReadyJob, other: string): Promise<void> {
	const former = { ...job, ...job.files.linked.get(other), fileId: other };
	try {
		await unlinkFile(context, former);
	} catch (error) {
		if (isCancelled(context)) throw takenOutError(context, former, error, 'may have been taken');
		throw withItemIndex(context, error, job.itemIndex);
	}
	try {
		await linkFile(context, job);
	} catch (error) {
		// The base must not end up with neither of the two. After a stop n8n sends no more requests.
		try {
			await linkFile(context, former);
		} catch {
			throw takenOutError(context, former, error, 'was taken');
		}
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
	const alone = [...leftOut, ...jobs.filter(isAlone)];
	const [first] = alone;
	if (first) await first.files.confirmEmpty(context, first.itemIndex);
	const isOvertaken = ({ files, fileId, hash, other }: ReadyJob) =>
		other === undefined && (files.linked.has(fileId) || files.twinOf(fileId, hash) !== undefined);
	const overtaken = alone.filter(isOvertaken);
	const singles = alone.filter((job) => !isOvertaken(job));
	const failed = await eachLink(context, singles, settings.concurrency, async (job) =>
		job.other === undefined
			? await linkFile(context, job)
			: await replace(context, job, job.other),
	);
	for (const [job, error] of failed) errors.set(job, error);
	return { errors, overtaken };
}
