import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { deleteFile } from '../shared/deleteFile';
import { isObject } from '../shared/guards';
import { addHint } from '../shared/hints';
import type { KnowledgeBase } from '../shared/knowledge';
import { addFiles } from './addFiles';
import type { AddRun, AddSettings } from './addRun';
import type { Job } from './jobs';
import { deleteLinked, eachLink, unlinkFile } from './links';

function tellSkipped(context: IExecuteFunctions, name: string): void {
	addHint(
		context,
		`No file was removed from the knowledge base "${name}", because items failed or had no file ID, and their files may be among those to remove.`,
		'warning',
	);
}

function tellKept(context: IExecuteFunctions, fileId: string, { message }: IDataObject): void {
	throwIfCancelled(context);
	addHint(
		context,
		`The file ${fileId}, which another took the place of, was taken out of the knowledge base and stays on the server. ${String(message)}.`,
		'warning',
	);
}

/** Deletes the files that others took the place of; taking them out had to keep them, for the way back. */
async function deleteReplaced({ context, state, results, settings }: AddRun, baseId: string): Promise<void> {
	for (const { base, action, duplicateOf, itemIndex } of results.outcomes) {
		if (base.id !== baseId || action !== 'replaced' || duplicateOf === undefined) continue;
		if (settings.keep.has(duplicateOf)) continue;
		try {
			await deleteFile(context, { fileId: duplicateOf, itemIndex });
			state.forget(duplicateOf);
		} catch (error) {
			// It is out of the base, as it should be; that it stays on the server is worth a word.
			if (isObject(error) && error.name === 'NodeOperationError') tellKept(context, duplicateOf, error);
			else results.fail({ base, fileId: duplicateOf, error, itemIndex });
		}
	}
}

async function removeOthers(run: AddRun, jobs: Job[], wanted: Set<string>): Promise<void> {
	const { context, state, results, settings } = run;
	const [first] = jobs;
	if (!first) return;
	const { files, itemIndex, options, timeoutMs } = first;
	const { base } = files;
	const deletesFiles = options.deleteRemoved === true;
	await files.refresh(context, itemIndex);
	const others = [...files.linked].filter(([fileId]) => !wanted.has(fileId));
	const links = others.map(([fileId, { filename }]) => ({
		files,
		fileId,
		filename,
		timeoutMs,
		itemIndex,
	}));
	const errors = await eachLink(context, links, settings.concurrency, async (link) => {
		if (deletesFiles && !settings.keep.has(link.fileId)) await deleteLinked(context, state, link);
		else await unlinkFile(context, link);
	});
	for (const link of links) {
		const { fileId, filename } = link;
		const about = { base, fileId, filename, itemIndex, afterItems: true };
		if (errors.has(link)) results.fail({ ...about, error: errors.get(link) });
		else results.outcomes.push({ ...about, action: 'removed' });
	}
	if (deletesFiles) await deleteReplaced(run, base.id);
}

/**
 * Adds what was skipped for a file that the server did not name: nobody could tell whether that one was to
 * stay, and it may be among those that were taken out.
 */
async function addSkipped(run: AddRun, jobs: Job[], base: KnowledgeBase): Promise<void> {
	const { outcomes } = run.results;
	const skipped = outcomes.filter(
		(outcome) =>
			outcome.base.id === base.id && outcome.action === 'skipped' && !outcome.duplicateOf,
	);
	if (skipped.length === 0) return;
	const items = new Set(skipped.map(({ itemIndex }) => itemIndex));
	for (const outcome of skipped) outcomes.splice(outcomes.indexOf(outcome), 1);
	await addFiles(run, jobs.filter(({ itemIndex }) => items.has(itemIndex)));
}

/**
 * Makes a knowledge base hold exactly the files of the jobs. What came in is added first and
 * searchable before anything is taken out. Nothing is taken out when an item failed whose file may be
 * one of the base. Throws as addFiles does.
 */
export async function mirrorBase(
	run: Omit<AddRun, 'settings'>,
	settings: AddSettings,
	base: KnowledgeBase,
	jobs: Job[],
): Promise<void> {
	const wanted = new Set(jobs.map(({ fileId }) => fileId));
	const adding = { ...run, settings: { ...settings, wanted } };
	await addFiles(adding, jobs);
	if (run.results.mayMissFilesOf(base)) {
		run.results.removalSkipped.add(base.id);
		tellSkipped(run.context, base.name);
		return;
	}
	try {
		await removeOthers(adding, jobs, wanted);
		await addSkipped(adding, jobs, base);
	} catch (error) {
		run.results.fail({ base, error, itemIndex: jobs[0]?.itemIndex ?? 0 });
	}
	run.results.throwUnlessContinuing();
}
