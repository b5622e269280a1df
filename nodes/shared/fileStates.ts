import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { eachBounded } from './bounded';
import { pause, throwIfCancelled } from './context';
import { filesByName } from './files';
import { objectOf } from './guards';
import type { FileWait } from './polling';
import { tooLong, waitForFile } from './polling';

/** Fewer files are asked for one by one; more are looked up in the list of the user's files. */
const FEWEST_FOR_A_LIST = 3;

const PAGE_SIZE = 1000;

/** How many of the files that no list shows are asked for at the same time. */
const CONCURRENCY = 4;

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;

/** The record of a processed file, or why there is none. */
export type FileState = { record: IDataObject } | { error: unknown };

/** Learns in few requests what became of many uploaded files. */
export class FileStates {
	private readonly completed = new Map<string, IDataObject>();

	/**
	 * Waits until the server has processed the files. Gives the record of each, or the error that
	 * waitForFile throws for it. Throws only when the execution is stopped or the server fails.
	 */
	async wait(context: IExecuteFunctions, waits: FileWait[]): Promise<Map<string, FileState>> {
		const states = new Map<string, FileState>();
		let open = new Map(waits.map((wait) => [wait.fileId, wait]));
		for (const fileId of open.keys()) {
			const record = this.completed.get(fileId);
			if (!record) continue;
			states.set(fileId, { record });
			open.delete(fileId);
		}
		const startedAt = Date.now();
		for (let delayMs = FIRST_DELAY_MS; open.size >= FEWEST_FOR_A_LIST;) {
			const waitedMs = Date.now() - startedAt;
			const { pending, others } = await this.look(context, open, states);
			open = expire(context, pending, waitedMs, states);
			// May take long; the others get another look after it.
			await this.askEach(context, others, states);
			const [next] = open.values();
			if (!next) break;
			await pause(context, delayMs, next.itemIndex);
			delayMs = Math.min(delayMs * 1.5, MAX_DELAY_MS);
		}
		await this.askEach(context, [...open.values()], states);
		return states;
	}

	/** Looks once at the newest files. `others` are not among them, failed, or have no status: they need a closer look. */
	private async look(
		context: IExecuteFunctions,
		open: Map<string, FileWait>,
		states: Map<string, FileState>,
	): Promise<{ pending: Map<string, FileWait>; others: FileWait[] }> {
		const [first] = open.values();
		const unseen = new Map(open);
		const pending = new Map<string, FileWait>();
		const failed: FileWait[] = [];
		let left = PAGE_SIZE * (Math.ceil(open.size / PAGE_SIZE) + 1);
		for await (const record of filesByName(context, '*', first?.itemIndex)) {
			const fileId = String(record.id);
			const wait = unseen.get(fileId);
			unseen.delete(fileId);
			const status = objectOf(record.data).status;
			if (status === 'completed') this.completed.set(fileId, record);
			if (wait && status === 'completed') states.set(fileId, { record });
			// Servers that read a file while it is uploaded have no status in their lists.
			else if (wait && (status === 'failed' || status === undefined)) failed.push(wait);
			else if (wait) pending.set(fileId, wait);
			if (unseen.size === 0 || --left <= 0) break;
		}
		return { pending, others: [...failed, ...unseen.values()] };
	}

	private async askEach(
		context: IExecuteFunctions,
		waits: FileWait[],
		states: Map<string, FileState>,
	): Promise<void> {
		await eachBounded(waits.length, CONCURRENCY, async (index) => {
			const wait = waits[index];
			if (!wait) return;
			try {
				const record = await waitForFile(context, wait);
				this.completed.set(wait.fileId, record);
				states.set(wait.fileId, { record });
			} catch (error) {
				throwIfCancelled(context, wait.itemIndex);
				states.set(wait.fileId, { error });
			}
		});
	}
}

function expire(
	context: IExecuteFunctions,
	pending: Map<string, FileWait>,
	waitedMs: number,
	states: Map<string, FileState>,
): Map<string, FileWait> {
	const left = new Map<string, FileWait>();
	for (const [fileId, wait] of pending) {
		if (waitedMs < wait.timeoutMs) left.set(fileId, wait);
		else states.set(fileId, { error: tooLong(context, wait, 'processing') });
	}
	return left;
}
