import type { IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { throwIfCancelled } from '../shared/context';
import { addHint } from '../shared/hints';
import { countOf, runOption } from '../shared/options';
import { addFiles } from './addFiles';
import type { AddSettings } from './addRun';
import type { Job, Place } from './jobs';
import { fileIdOf, placeOf } from './jobs';
import { mirrorBase } from './mirrorBase';
import { fileItems, summaryItems } from './outputs';
import { removeItem } from './removeItem';
import { Results } from './results';
import type { BaseFiles } from './runState';
import { RunState } from './runState';

const DEFAULT_BATCH_SIZE = 20;

/** Most files that a hint names. */
const MOST_NAMES = 5;

/** One run of the node over all its input items. */
class KnowledgeRun {
	private readonly state = new RunState();

	private readonly results: Results;

	private readonly bases = new Map<string, BaseFiles>();

	private readonly context: IExecuteFunctions;

	constructor(context: IExecuteFunctions) {
		this.context = context;
		this.results = new Results(context);
	}

	async execute(): Promise<INodeExecutionData[]> {
		const { context, results } = this;
		const operation = String(context.getNodeParameter('operation', 0, 'add'));
		if (operation === 'remove') await this.remove();
		else await this.add(operation === 'mirror');
		this.tellUnnamedTwins();
		const bases = [...this.bases.values()];
		return context.getNodeParameter('output', 0, 'files') === 'summary'
			? summaryItems(context, results, bases)
			: fileItems(context, results, bases);
	}

	/** What was skipped for a text that no file of the list has would otherwise look like a file that is there. */
	private tellUnnamedTwins(): void {
		const { context, results } = this;
		const skipped = results.outcomes.filter(({ action, duplicateOf }) => action === 'skipped' && !duplicateOf);
		if (skipped.length === 0) return;
		const names = skipped.map(({ filename, fileId, base }) => `"${filename ?? fileId}" (${base.name})`);
		addHint(
			context,
			`The server refuses the text of ${names.slice(0, MOST_NAMES).join(', ')}${names.length > MOST_NAMES ? ', ...' : ''} as one that the knowledge base already has, but lists no file with it. A file that was deleted through another knowledge base leaves its text like that; resetting the knowledge base and adding its files anew clears it.`,
			'warning',
		);
	}

	private note({ files }: Place): void {
		this.bases.set(files.base.id, files);
	}

	private async remove(): Promise<void> {
		const { context, state, results } = this;
		for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
			throwIfCancelled(context, itemIndex);
			let place: Place | undefined;
			try {
				place = await placeOf(context, state, itemIndex, false);
				this.note(place);
				await removeItem(context, state, place, results.outcomes);
			} catch (error) {
				results.fail({ base: place?.files.base, error, itemIndex });
			}
			results.throwUnlessContinuing();
		}
	}

	private async readJob(itemIndex: number): Promise<Job | undefined> {
		const { context, state, results } = this;
		let place: Place | undefined;
		try {
			place = await placeOf(context, state, itemIndex, true);
			this.note(place);
			const ifDuplicate = String(place.options.ifDuplicate ?? 'skip');
			return { ...place, fileId: fileIdOf(context, itemIndex), ifDuplicate };
		} catch (error) {
			results.fail({ base: place?.files.base, error, itemIndex });
			return undefined;
		}
	}

	private async add(mirrors: boolean): Promise<void> {
		const { context, state, results } = this;
		const jobs = new Map<string, Job[]>();
		for (let itemIndex = 0; itemIndex < context.getInputData().length; itemIndex++) {
			throwIfCancelled(context, itemIndex);
			const job = await this.readJob(itemIndex);
			results.throwUnlessContinuing();
			if (!job) continue;
			const { id } = job.files.base;
			const ofBase = jobs.get(id);
			if (ofBase) ofBase.push(job);
			else jobs.set(id, [job]);
		}
		const settings: AddSettings = {
			batchSize: countOf(runOption(context, 'batchSize'), DEFAULT_BATCH_SIZE),
			concurrency: countOf(runOption(context, 'concurrency'), 1),
			// What one knowledge base of the run no longer holds may just have come into another.
			keep: new Set([...jobs.values()].flat().map(({ fileId }) => fileId)),
		};
		for (const [id, files] of this.bases) {
			const run = { context, state, results };
			const ofBase = jobs.get(id) ?? [];
			if (mirrors) await mirrorBase(run, settings, files.base, ofBase);
			else await addFiles({ ...run, settings }, ofBase);
		}
	}
}

/**
 * Adds, mirrors or removes the files of all input items, and gives what the node puts out. Throws the
 * error of the first failed item unless the node is set to continue.
 */
export async function runKnowledge(context: IExecuteFunctions): Promise<INodeExecutionData[]> {
	return await new KnowledgeRun(context).execute();
}
