import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject, objectOf, textOf } from '../shared/guards';
import type { KnowledgeBase, NewKnowledge } from '../shared/knowledge';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { waitForFile } from '../shared/polling';
import { withItemIndex } from '../shared/runItems';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import { linkPlace } from './linkPlace';
import { linkFile, unlinkFile } from './links';
import type { LinkedFiles, RunState } from './runState';

type Action = 'added' | 'unchanged' | 'skipped' | 'replaced';

/** One file on its way into one knowledge base. */
interface Job {
	base: KnowledgeBase;
	fileId: string;
	fileName: string;
	hash: string | undefined;
	linked: LinkedFiles;
	ifDuplicate: string;
	timeoutMs: number;
	itemIndex: number;
}

/** What came of a job. `duplicateOf` is the other file with the same text. */
interface Outcome {
	action: Action;
	duplicateOf?: string;
}

const DUPLICATE = /duplicate content/i;

function newKnowledge(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): NewKnowledge | undefined {
	if (context.getNodeParameter('createIfMissing', itemIndex, false) !== true) return undefined;
	return {
		description: String(options.description ?? ''),
		access: options.access === 'public' ? 'public' : 'private',
	};
}

function duplicateError(context: IExecuteFunctions, job: Job, other?: string): NodeOperationError {
	const where = other ? `The file ${other} there has the same text. ` : '';
	return new NodeOperationError(
		context.getNode(),
		`The knowledge base "${job.base.name}" already has the text of "${job.fileName}"`,
		{
			description: `${where}Options > If Text Already Present decides what to do.`,
			itemIndex: job.itemIndex,
		},
	);
}

function otherOfSameText(job: Job): string | undefined {
	if (job.hash === undefined) return undefined;
	for (const [id, hash] of job.linked) if (hash === job.hash && id !== job.fileId) return id;
	return undefined;
}

async function replace(context: IExecuteFunctions, job: Job, other: string): Promise<void> {
	await unlinkFile(context, { ...job, fileId: other });
	try {
		await linkFile(context, job);
	} catch (error) {
		// The base must not end up with neither of the two.
		await linkFile(context, { ...job, fileId: other });
		throw withItemIndex(context, error, job.itemIndex);
	}
	job.linked.delete(other);
}

/** The server found a duplicate that was not in the list: somebody else added it just now. */
function isDuplicate(error: unknown): boolean {
	return isObject(error) && DUPLICATE.test(String(error.message));
}

async function add(context: IExecuteFunctions, job: Job): Promise<Outcome> {
	if (job.linked.has(job.fileId)) return { action: 'unchanged' };
	const other = otherOfSameText(job);
	if (other === undefined) {
		try {
			await linkFile(context, job);
			return { action: 'added' };
		} catch (error) {
			if (!isDuplicate(error) || job.ifDuplicate !== 'skip') {
				throw withItemIndex(context, error, job.itemIndex);
			}
			return { action: 'skipped' };
		}
	}
	if (job.ifDuplicate === 'fail') throw duplicateError(context, job, other);
	if (job.ifDuplicate !== 'replace') return { action: 'skipped', duplicateOf: other };
	await replace(context, job, other);
	return { action: 'replaced', duplicateOf: other };
}

/**
 * Adds the file of an item to its knowledge base, once its processing is done, and tells what was
 * done. A file that is there already, or whose text is, is never sent to the server again: a real
 * Open WebUI marks a refused duplicate as failed for good.
 */
export async function addItem(
	context: IExecuteFunctions,
	state: RunState,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const timeoutMs = timeoutMsOf(options, LONG_TIMEOUT_MS);
	const create = newKnowledge(context, options, itemIndex);
	const { base, fileId, linked } = await linkPlace(context, state, itemIndex, create);
	const record = linked.has(fileId)
		? {}
		: await waitForFile(context, { fileId, timeoutMs, itemIndex, doubtFailure: true });
	const hash = textOf(record.hash);
	const fileName = textOf(record.filename) ?? textOf(objectOf(record.meta).name) ?? fileId;
	const ifDuplicate = String(options.ifDuplicate ?? 'skip');
	const outcome = await add(context, {
		base,
		fileId,
		fileName,
		hash,
		linked,
		ifDuplicate,
		timeoutMs,
		itemIndex,
	});
	if (outcome.action === 'added' || outcome.action === 'replaced') linked.set(fileId, hash);
	return [
		{
			knowledgeId: base.id,
			knowledgeName: base.name,
			fileId,
			...outcome,
			fileCount: linked.size,
		},
	];
}
