import type { IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { addHint } from '../shared/hints';

/** How often a manual run is told how far it is, in milliseconds. */
const SAY_EVERY_MS = 2_000;

/** Above this size a file that n8n holds in memory is worth a word, in bytes. */
const LARGE_BYTES = 64 * 1024 * 1024;

/** Says what to change when n8n keeps large files in its memory. */
export function hintAtMemory(context: IExecuteFunctions, file: FileSource): void {
	if (!file.isInMemory || file.sizeBytes < LARGE_BYTES) return;
	const megabytes = Math.round(file.sizeBytes / 1024 / 1024);
	addHint(
		context,
		`n8n keeps "${file.fileName}" (${megabytes} MB) in its memory. For large files set N8N_DEFAULT_BINARY_DATA_MODE=filesystem for n8n; without it, files over about 380 MB do not even reach this node.`,
	);
}

/** How far the files of a run are: a line in the browser's console in manual runs, a hint at the end. */
export class Progress {
	private readonly statuses = new Map<number, string>();

	private readonly startedAt = Date.now();

	private saidAt = Date.now();

	constructor(
		private readonly context: IExecuteFunctions,
		private readonly total: number,
	) {}

	/** Takes the status of an item's file. */
	look(itemIndex: number, status: string): void {
		this.statuses.set(itemIndex, status);
		if (Date.now() - this.saidAt < SAY_EVERY_MS) return;
		this.saidAt = Date.now();
		if (typeof this.context.sendMessageToUI === 'function') this.context.sendMessageToUI(this.text());
	}

	/** Leaves the hint, unless there was one file and it is searchable. */
	end(): void {
		if (this.statuses.size === 0 || (this.total === 1 && this.count('completed') === 1)) return;
		addHint(this.context, this.text());
	}

	/** Such as "12 of 40 files searchable, 3 still processing after 30 s". */
	text(): string {
		const processing = this.count('pending') + this.count('processing');
		const failed = this.count('failed');
		const seconds = Math.round((Date.now() - this.startedAt) / 1000);
		return [
			`${this.count('completed')} of ${this.total} files searchable`,
			...(processing > 0 ? [`${processing} still processing after ${seconds} s`] : []),
			...(failed > 0 ? [`${failed} failed`] : []),
		].join(', ');
	}

	private count(status: string): number {
		return [...this.statuses.values()].filter((known) => known === status).length;
	}
}
