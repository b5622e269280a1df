import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { isCancelled } from '../shared/context';
import { isUnreachable } from '../shared/errors';
import { isObject, objectOf } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import { hasMetadata, REPLACES_FIELD } from './metadata';
import type { Progress } from './progress';
import { withSameBytes } from './sameContent';
import { isFailed, searchable } from './searchable';
import { deleteFiles, sendOnce } from './send';
import { keyOf } from './serverFiles';
import type { SyncJob, SyncOutcome } from './syncOutcome';

/** A refused key and a server that is gone stop a run; anything else is about one file. */
function isAboutFile(context: IExecuteFunctions, error: unknown): boolean {
	if (isCancelled(context) || isUnreachable(error) || !isObject(error)) return false;
	return !['401', '403'].includes(String(error.httpCode));
}

function messageOf(error: unknown): string {
	return isObject(error) ? String(error.message) : String(error);
}

/** The older versions that the file was sent to replace. They are left when a run ended too early. */
function meantToReplace(record: IDataObject, versions: IDataObject[]): IDataObject[] {
	const noted = objectOf(objectOf(record.meta).data)[REPLACES_FIELD];
	const ids: unknown[] = Array.isArray(noted) ? noted : [];
	return versions.filter(({ id }) => id !== record.id && ids.includes(id));
}

/** Brings one file of a sync to the server. */
export class FileSync {
	private lastStatus = '';

	/** The version with the bytes of the job, once it is searchable. */
	private current?: IDataObject;

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly job: SyncJob,
		private readonly progress: Progress,
	) {}

	/**
	 * Compares the file with its versions on the server (newest first) and uploads it when it has to;
	 * `lookCloser` gives the versions once more, before that. What the server refuses is an outcome, not an
	 * error; a refused key, a server that is gone, a list that cannot be had and a stop of the execution are
	 * errors.
	 */
	async run(
		listed: IDataObject[],
		lookCloser: () => Promise<IDataObject[]>,
	): Promise<SyncOutcome> {
		const { context, job } = this;
		let versions = listed;
		let same = await this.sameAmong(versions);
		if (!same) {
			versions = await lookCloser();
			if (versions !== listed) same = await this.sameAmong(versions);
		}
		const previous = versions.find((version) => version !== same && !isFailed(version));
		let sentId: unknown;
		try {
			if (same) return await this.keep(same, versions);
			const sent = await this.send(versions);
			sentId = sent.id;
			return await this.replace(sent, versions, previous);
		} catch (error) {
			if (!isAboutFile(context, error)) throw withItemIndex(context, error, job.itemIndex);
			if (sentId !== undefined && this.lastStatus === 'failed') await this.forget(sentId);
			return this.failure(messageOf(error), previous);
		}
	}

	/** The version that has the bytes of the job, and the metadata where they count. */
	private async sameAmong(versions: IDataObject[]): Promise<IDataObject | undefined> {
		const { file, comparesMetadata, metadata, itemIndex } = this.job;
		const healthy = versions.filter((version) => !isFailed(version));
		const equal = await withSameBytes(this.context, healthy, file, itemIndex);
		return equal.find((version) => !comparesMetadata || hasMetadata(version, metadata));
	}

	private failure(error: string, previous: IDataObject | undefined): SyncOutcome {
		const record = this.current ?? previous;
		const previousId = previous ? { previousId: String(previous.id) } : {};
		return { change: 'failed', error, ...(record ? { record } : {}), ...previousId };
	}

	private async keep(same: IDataObject, versions: IDataObject[]): Promise<SyncOutcome> {
		const { context, job } = this;
		const record = await this.searchable(same, false);
		const left = job.keepsOlder ? [] : meantToReplace(same, versions);
		if (left.length === 0) return { change: 'unchanged', record };
		const deletedIds = await deleteFiles(context, left, same, job.itemIndex);
		return { change: 'unchanged', record, deletedIds };
	}

	private async send(versions: IDataObject[]): Promise<IDataObject> {
		const { context, job } = this;
		const known = new Set(versions.map(({ id }) => id));
		const note = job.keepsOlder || known.size === 0 ? {} : { [REPLACES_FIELD]: [...known] };
		const upload = { ...job, metadata: { ...job.metadata, ...note } as IDataObject };
		return await sendOnce(
			context,
			upload,
			(record) => keyOf(record) === job.key && !known.has(record.id),
		);
	}

	private async replace(
		sent: IDataObject,
		versions: IDataObject[],
		previous: IDataObject | undefined,
	): Promise<SyncOutcome> {
		const { context, job } = this;
		const record = await this.searchable(sent, true);
		// Only now: the older version must not go before the new one is there.
		const older = job.keepsOlder ? [] : versions;
		const deletedIds = await deleteFiles(context, older, sent, job.itemIndex);
		if (!previous) return { change: 'added', record };
		return { change: 'changed', record, previousId: String(previous.id), deletedIds };
	}

	private async searchable(record: IDataObject, isOurs: boolean): Promise<IDataObject> {
		const { itemIndex, timeoutMs } = this.job;
		const onLook = (status: string): void => {
			this.lastStatus = status;
			this.progress.look(itemIndex, status);
		};
		this.current = await searchable(this.context, record, { timeoutMs, itemIndex, isOurs, onLook });
		return this.current;
	}

	/** A file that the server cannot process would come again with every run. */
	private async forget(fileId: unknown): Promise<void> {
		const file: IDataObject = { id: String(fileId) };
		try {
			await deleteFiles(this.context, [file], file, this.job.itemIndex);
		} catch {
			// The reason of the failure matters more than a record that stays.
		}
	}
}
