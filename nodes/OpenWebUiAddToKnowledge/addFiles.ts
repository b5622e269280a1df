import { NodeOperationError } from 'n8n-workflow';

import { isCancelled, throwIfCancelled } from '../shared/context';
import type { FileState } from '../shared/fileStates';
import { isObject, objectOf, textOf } from '../shared/guards';
import { processAgain } from '../shared/polling';
import { withItemIndex } from '../shared/runItems';
import type { AddRun, ReadyJob } from './addRun';
import type { Job } from './jobs';
import type { Linked } from './linkAll';
import { linkAll } from './linkAll';

/** After so long a time the list of the knowledge base's files is read anew. */
const STALE_AFTER_MS = 1_000;

function duplicateError({ context }: AddRun, job: ReadyJob, other?: string): NodeOperationError {
	const { files, filename, fileId, itemIndex } = job;
	const where = other ? `The file ${other} there has the same text. ` : '';
	return new NodeOperationError(
		context.getNode(),
		`The knowledge base "${files.base.name}" already has the text of "${filename ?? fileId}"`,
		{
			description: `${where}Options > If Text Already Present decides what to do.`,
			itemIndex,
		},
	);
}

/**
 * True for a file that somebody may have added since the list of the knowledge base was read: it had to be waited
 * for, or the server itself adds it once it is processed, as its metadata ask for.
 */
function mayBeThere({ files, fileId }: Job, state?: FileState): boolean {
	if (!state || 'error' in state || files.linked.has(fileId)) return false;
	const { knowledge_id: target } = objectOf(objectOf(state.record.meta).data);
	return state.waited || target === files.base.id;
}

/** The jobs whose files are processed or already there; the others are noted as failed. */
async function readyJobs(run: AddRun, jobs: Job[]): Promise<ReadyJob[]> {
	const { context, state, results } = run;
	const waits = jobs
		.filter(({ files, fileId }) => !files.linked.has(fileId))
		.map(({ fileId, timeoutMs, itemIndex }) => ({
			fileId,
			timeoutMs,
			itemIndex,
			doubtFailure: true,
			mendDuplicate: true,
		}));
	const startedAt = Date.now();
	const states = await state.states.wait(context, waits);
	const [first] = jobs;
	const isStale =
		Date.now() - startedAt >= STALE_AFTER_MS ||
		jobs.some((job) => mayBeThere(job, states.get(job.fileId)));
	// To add a file that is there already would make two copies of its text.
	if (first && isStale) {
		await first.files.refresh(context, first.itemIndex);
	}
	const ready: ReadyJob[] = [];
	for (const job of jobs) {
		const { files, fileId, itemIndex } = job;
		const known = states.get(fileId);
		if (known && 'error' in known) {
			results.fail({ base: files.base, fileId, error: known.error, itemIndex });
			continue;
		}
		const record = known?.record ?? {};
		const meta = objectOf(record.meta);
		const { filename, hash } = files.linked.get(fileId) ?? {};
		ready.push({
			...job,
			filename: filename ?? textOf(record.filename) ?? textOf(meta.name),
			hash: hash ?? textOf(record.hash),
			contentType: textOf(meta.content_type),
		});
	}
	return ready;
}

function whatIfDuplicate({ settings }: AddRun, job: ReadyJob, other?: string): string {
	if (!settings.wanted) return job.ifDuplicate;
	return other === undefined || settings.wanted.has(other) ? 'skip' : 'replace';
}

/** Settles a job that needs no request, or gives it back with what is to be done. */
function decide(run: AddRun, job: ReadyJob): ReadyJob | undefined {
	const { results } = run;
	const { files, fileId, filename, hash, itemIndex } = job;
	const outcome = { base: files.base, fileId, filename, itemIndex };
	if (files.linked.has(fileId)) {
		results.outcomes.push({ ...outcome, action: 'unchanged' });
		return undefined;
	}
	const other = files.twinOf(fileId, hash);
	if (other === undefined && !job.refused) return { ...job, other };
	const ifDuplicate = whatIfDuplicate(run, job, other);
	if (ifDuplicate === 'fail') {
		results.fail({ ...outcome, error: duplicateError(run, job, other) });
		return undefined;
	}
	if (ifDuplicate === 'replace' && other !== undefined) return { ...job, other };
	const duplicate = other === undefined ? {} : { duplicateOf: other };
	results.outcomes.push({ ...outcome, action: 'skipped', ...duplicate });
	return undefined;
}

/** The server found a duplicate that was not in the list: somebody else added it just now. */
function isDuplicate(error: unknown): boolean {
	return isObject(error) && /duplicate content/i.test(String(error.message));
}

/** Notes what came of the jobs of a round, and gives those to be decided anew. */
async function noteRound(
	{ context, results }: AddRun,
	jobs: ReadyJob[],
	{ errors, overtaken }: Linked,
): Promise<ReadyJob[]> {
	const again = [...overtaken];
	for (const job of jobs) {
		if (overtaken.includes(job)) continue;
		const { files, fileId, filename, itemIndex, other } = job;
		const outcome = { base: files.base, fileId, filename, itemIndex };
		const error = errors.get(job);
		if (error === undefined) {
			const action = other === undefined ? 'added' : 'replaced';
			const duplicate = other === undefined ? {} : { duplicateOf: other };
			results.outcomes.push({ ...outcome, action, ...duplicate });
		} else if (isDuplicate(error) && !job.refused) {
			await processAgain(context, job);
			await files.refresh(context, itemIndex);
			again.push({ ...job, refused: true });
		} else {
			results.fail({ ...outcome, error });
		}
	}
	return again;
}

/** Adds what can be added now; what has the same text as a file of this round waits for the next. */
async function addRound(run: AddRun, open: ReadyJob[]): Promise<ReadyJob[]> {
	const busy = new Set<string>();
	const now: ReadyJob[] = [];
	const later: ReadyJob[] = [];
	for (const job of open) {
		const keys = [job.fileId, ...(job.hash === undefined ? [] : [job.hash])];
		if (keys.some((key) => busy.has(key))) {
			later.push(job);
			continue;
		}
		const todo = decide(run, job);
		if (!todo) continue;
		now.push(todo);
		keys.forEach((key) => busy.add(key));
	}
	const again = await noteRound(run, now, await linkAll(run, now));
	return [...again, ...later].sort((a, b) => a.itemIndex - b.itemIndex);
}

/** Notes the error for the jobs of which nothing is known yet, such as that of a list that cannot be had. */
function failOpen({ results }: AddRun, jobs: Job[], error: unknown): void {
	const noted = new Set([...results.outcomes, ...results.failures].map(({ itemIndex }) => itemIndex));
	for (const { files, fileId, itemIndex } of jobs) {
		if (!noted.has(itemIndex)) results.fail({ base: files.base, fileId, error, itemIndex });
	}
}

/**
 * Adds the files of jobs of one knowledge base in batches, in the order of the items, once the server
 * has processed them. A file that is there already, or whose text is, is never sent again: a real
 * Open WebUI marks a refused duplicate as failed for good, or keeps one of two at random. Throws when
 * the execution is stopped or, unless the node is set to continue, when an item of a batch failed.
 */
export async function addFiles(run: AddRun, jobs: Job[]): Promise<void> {
	for (let start = 0; start < jobs.length; start += run.settings.batchSize) {
		const batch = jobs.slice(start, start + run.settings.batchSize);
		throwIfCancelled(run.context, batch[0]?.itemIndex);
		try {
			let open = await readyJobs(run, batch);
			while (open.length > 0) open = await addRound(run, open);
		} catch (error) {
			// It may tell what is left undone.
			if (isCancelled(run.context)) throw withItemIndex(run.context, error, batch[0]?.itemIndex ?? 0);
			failOpen(run, batch, error);
		}
		run.results.throwUnlessContinuing();
	}
}
