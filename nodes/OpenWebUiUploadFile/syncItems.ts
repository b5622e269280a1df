import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { baseName, relativePath } from '../shared/fileName';
import { sha256Of } from '../shared/fileSource';
import { addHint } from '../shared/hints';
import { optionsOf, timeoutMsOf } from '../shared/options';
import type { Pace } from '../shared/pace';
import { runItems } from '../shared/runItems';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import { Turns } from '../shared/turns';
import { metadataOf } from './metadata';
import { hintAtMemory, Progress } from './progress';
import { pathIn, ServerFiles, syncKey } from './serverFiles';
import { nameOf, sourceOf } from './source';
import { FileSync } from './syncFile';
import type { Change, SyncJob, SyncOutcome } from './syncOutcome';
import { syncOutput } from './syncOutcome';

const CHANGES: Change[] = ['added', 'changed', 'unchanged', 'failed'];

/** The first item of a path, and what became of it. */
interface First {
	job: SyncJob;
	outcome: SyncOutcome;
}

/** What an item asks for, before its file is looked at. */
interface Named {
	options: IDataObject;
	/** The name with its folders, which may stand in the metadata as well. */
	path: string;
	metadata: IDataObject;
	itemIndex: number;
}

function namedOf(context: IExecuteFunctions, itemIndex: number): Named {
	const options = optionsOf(context, itemIndex);
	const name = relativePath(nameOf(context, options, itemIndex));
	const metadata = metadataOf(context, options, itemIndex);
	if (baseName(name) !== name) {
		return { options, path: name, metadata: { ...metadata, path: name }, itemIndex };
	}
	return { options, path: pathIn(metadata, name) ?? name, metadata, itemIndex };
}

async function jobOf(context: IExecuteFunctions, named: Named): Promise<SyncJob> {
	const { options, path, metadata, itemIndex } = named;
	const file = await sourceOf(context, path, itemIndex);
	hintAtMemory(context, file);
	return {
		file,
		path,
		key: syncKey(path),
		metadata,
		keepsOlder: options.olderVersions === 'keep',
		comparesMetadata: options.compareMetadata === true,
		timeoutMs: timeoutMsOf(options, LONG_TIMEOUT_MS),
		itemIndex,
	};
}

/** Two items of one path: were both taken, each run would upload both anew. */
async function syncAgain(
	context: IExecuteFunctions,
	job: SyncJob,
	first: First,
): Promise<SyncOutcome> {
	const hashOf = async ({ file, itemIndex }: SyncJob) => await sha256Of(context, file, itemIndex);
	const isEqual =
		first.job.file.sizeBytes === job.file.sizeBytes &&
		(await hashOf(first.job)) === (await hashOf(job));
	const { record, change } = first.outcome;
	if (isEqual) return change === 'failed' ? first.outcome : { change: 'unchanged', record };
	const error = `Item ${first.job.itemIndex} has the same name "${job.path}" and other content. Give both a name with their folder (Options > File Name).`;
	return { change: 'failed', error, record };
}

/** All of one run. */
class Sync {
	readonly progress: Progress;

	private readonly turns = new Turns();

	private readonly files = new ServerFiles();

	private readonly firsts = new Map<string, First>();

	/** Items for which nothing was sent. */
	readonly idle = new Set<number>();

	constructor(private readonly context: IExecuteFunctions) {
		this.progress = new Progress(context, context.getInputData().length);
	}

	/** What an item becomes. Items of the same path take turns, in the order of the items. */
	async item(itemIndex: number): Promise<IDataObject[]> {
		const { context } = this;
		const named = namedOf(context, itemIndex);
		return await this.turns.take(syncKey(named.path), async () => {
			const job = await jobOf(context, named);
			const outcome = await this.outcomeOf(job);
			if (outcome.change === 'unchanged') this.idle.add(itemIndex);
			const isSimple = context.getNodeParameter('simplify', itemIndex) === true;
			return [syncOutput(job, outcome, isSimple)];
		});
	}

	private async outcomeOf(job: SyncJob): Promise<SyncOutcome> {
		const { context, files } = this;
		const { key, file, itemIndex } = job;
		const first = this.firsts.get(key);
		if (first) return await syncAgain(context, job, first);
		const listed = await files.versionsOf(context, key, itemIndex);
		const lookCloser = async () => await files.allVersionsOf(context, key, file.fileName, itemIndex);
		const outcome = await new FileSync(context, job, this.progress).run(listed, lookCloser);
		this.firsts.set(key, { job, outcome });
		return outcome;
	}
}

function summaryOf(counts: Record<string, number>, errors: number): string {
	const parts = CHANGES.map((change) => `${counts[change]} ${change}`);
	return [...parts, ...(errors > 0 ? [`${errors} without a file`] : [])].join(', ');
}

/**
 * Brings the files of all items to the server, each once, and tells which were added, changed, unchanged
 * or failed; the counts are in each output item and in a hint. The server's files are listed once.
 * Throws when the list cannot be had, the key is refused, or an item has no file.
 */
export async function syncItems(
	context: IExecuteFunctions,
	pace: Pace,
): Promise<INodeExecutionData[]> {
	const sync = new Sync(context);
	const work = async (itemIndex: number) => await sync.item(itemIndex);
	const needsPause = (after: number): boolean => !sync.idle.has(after);
	const outputs = await runItems(context, work, { ...pace, needsPause });
	const done = outputs.filter(({ json }) => json.change !== undefined);
	const counts: Record<string, number> = {};
	for (const change of CHANGES) {
		counts[change] = done.filter(({ json }) => json.change === change).length;
	}
	for (const { json } of done) json.counts = { ...counts };
	addHint(context, summaryOf(counts, outputs.length - done.length));
	return outputs;
}
