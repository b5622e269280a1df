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

/** The record of a processed file, and whether it was not processed yet at the first look; or why there is none. */
export type FileState = { record: IDataObject; waited: boolean } | { error: unknown };

/** Learns in few requests what became of many uploaded files. */
export class FileStates {
	private readonly completed = new Map<string, IDataObject>();

	/** Files that the list has shown and that were not processed then, with the number of entries before them. */
	private readonly unprocessed = new Map<string, number>();

	/** The list, read as far as it was needed: who asks for older files reads on, and nothing a second time. */
	private older?: AsyncGenerator<IDataObject>;

	private readCount = 0;

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
			states.set(fileId, { record, waited: false });
			open.delete(fileId);
		}
		const startedAt = Date.now();
		let waited = false;
		for (let delayMs = FIRST_DELAY_MS; open.size >= FEWEST_FOR_A_LIST; waited = true) {
			const waitedMs = Date.now() - startedAt;
			const { pending, others } = await this.look(context, open);
			for (const fileId of open.keys()) {
				const record = this.completed.get(fileId);
				if (record) states.set(fileId, { record, waited });
			}
			open = expire(context, pending, waitedMs, states);
			// May take long; the others get another look after it.
			await this.askEach(context, others, waited, states);
			const [next] = open.values();
			if (!next) break;
			await pause(context, delayMs, next.itemIndex);
			delayMs = Math.min(delayMs * 1.5, MAX_DELAY_MS);
		}
		await this.askEach(context, [...open.values()], waited, states);
		return states;
	}

	/**
	 * Looks once at the list, for `pending` and for the completed ones. `others` are not where it was read, failed,
	 * or have no status: they need a closer look.
	 */
	private async look(
		context: IExecuteFunctions,
		open: Map<string, FileWait>,
	): Promise<{ pending: Map<string, FileWait>; others: FileWait[] }> {
		const unseen = new Map(open);
		const pending = new Map<string, FileWait>();
		const others: FileWait[] = [];
		const note = (record: IDataObject, position: number): void => {
			const fileId = String(record.id);
			const status = objectOf(record.data).status;
			if (status === 'completed') this.completed.set(fileId, record);
			else this.unprocessed.set(fileId, position);
			const wait = unseen.get(fileId);
			unseen.delete(fileId);
			if (!wait || status === 'completed') return;
			// Servers that read a file while it is uploaded have no status in their lists.
			if (status === 'failed' || status === undefined) others.push(wait);
			else pending.set(fileId, wait);
		};
		await this.lookAgain(context, unseen, note);
		await this.readOn(context, unseen, note);
		return { pending, others: [...others, ...unseen.values()] };
	}

	/** Reads the list from its beginning, as far down as those stood that were not processed when it was read before. */
	private async lookAgain(
		context: IExecuteFunctions,
		unseen: Map<string, FileWait>,
		note: (record: IDataObject, position: number) => void,
	): Promise<void> {
		const again = [...unseen].filter(([fileId]) => this.unprocessed.has(fileId));
		const [first] = again;
		if (!first) return;
		const left = new Set(again.map(([fileId]) => fileId));
		// Newer files may have moved them down meanwhile.
		const most = Math.max(...again.map(([fileId]) => this.unprocessed.get(fileId) ?? 0)) + PAGE_SIZE;
		let position = 0;
		for await (const record of filesByName(context, '*', first[1].itemIndex)) {
			note(record, position++);
			left.delete(String(record.id));
			if (left.size === 0 || position > most) return;
		}
	}

	/** Goes on reading the list where it was left, for files that were not in it yet. */
	private async readOn(
		context: IExecuteFunctions,
		unseen: Map<string, FileWait>,
		note: (record: IDataObject, position: number) => void,
	): Promise<void> {
		const unknown = [...unseen.values()].filter(({ fileId }) => !this.unprocessed.has(fileId));
		const [first] = unknown;
		if (!first) return;
		const left = new Set(unknown.map(({ fileId }) => fileId));
		const list = (this.older ??= filesByName(context, '*', first.itemIndex));
		for (let most = PAGE_SIZE * (Math.ceil(left.size / PAGE_SIZE) + 1); left.size > 0 && most > 0; most--) {
			const { done, value } = await this.nextOf(list);
			if (done === true) return;
			note(value, this.readCount++);
			left.delete(String(value.id));
		}
	}

	/** A list that has failed once has ended: it is begun anew by whoever needs it next. */
	private async nextOf(list: AsyncGenerator<IDataObject>): Promise<IteratorResult<IDataObject>> {
		let isRead = false;
		try {
			const entry = await list.next();
			isRead = true;
			return entry;
		} finally {
			if (!isRead) this.older = undefined;
		}
	}

	private async askEach(
		context: IExecuteFunctions,
		waits: FileWait[],
		hasWaited: boolean,
		states: Map<string, FileState>,
	): Promise<void> {
		await eachBounded(waits.length, CONCURRENCY, async (index) => {
			const wait = waits[index];
			if (!wait) return;
			try {
				let looks = 0;
				const onLook = (status: string): void => {
					looks++;
					wait.onLook?.(status);
				};
				const record = await waitForFile(context, { ...wait, onLook });
				this.completed.set(wait.fileId, record);
				states.set(wait.fileId, { record, waited: hasWaited || looks > 1 });
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
