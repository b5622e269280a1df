import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { FileStates } from '../shared/fileStates';
import { objectOf, textOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import type { Page } from '../shared/pages';
import { filesOfBase } from '../shared/pages';

/** What is known of a file in a knowledge base. */
export interface LinkedFile {
	filename?: string;
	/** SHA-256 of the text; the server refuses a second file with the same. */
	hash?: string;
}

/** Most files of a page; the server gives 30 to those who are no administrators. */
const PAGE_SIZE = 1000;

/** A list that changes while its pages are read may lack entries. */
const LIST_TRIES = 3;

function linkedFile(entry: IDataObject): LinkedFile {
	const filename = textOf(entry.filename) ?? textOf(objectOf(entry.meta).name);
	return { filename, hash: textOf(entry.hash) };
}

/** `isWhole` is false when the list changed while it was read, or a page of it was missing. */
async function listFiles(
	context: IExecuteFunctions,
	base: KnowledgeBase,
	itemIndex: number,
): Promise<{ files: Map<string, LinkedFile>; isWhole: boolean }> {
	const files = new Map<string, LinkedFile>();
	const counts = new Set<number>();
	let count = 0;
	const onPage = ({ total }: Page) => void (total !== undefined && counts.add(total));
	for await (const entry of filesOfBase(context, base.id, { limit: PAGE_SIZE }, itemIndex, onPage)) {
		count++;
		files.set(String(entry.id), linkedFile(entry));
	}
	// Each page tells a total, which changes with the list. One deletion lets an entry slip to the page before.
	counts.add(count);
	return { files, isWhole: counts.size === 1 && files.size === count };
}

/** The files of a knowledge base: read once and then kept up by the node itself, or read anew. */
export class BaseFiles {
	readonly base: KnowledgeBase;

	linked = new Map<string, LinkedFile>();

	private readonly dropped = new Set<string>();

	/** True once an empty list was read twice. */
	private isSurelyEmpty = false;

	private constructor(base: KnowledgeBase) {
		this.base = base;
	}

	/** The files that the knowledge base has on the server now. */
	static async read(
		context: IExecuteFunctions,
		base: KnowledgeBase,
		itemIndex: number,
	): Promise<BaseFiles> {
		const files = new BaseFiles(base);
		await files.refresh(context, itemIndex);
		return files;
	}

	/** Asks the server anew: the list alone tells what became of a request. */
	async refresh(context: IExecuteFunctions, itemIndex: number): Promise<void> {
		const hadFiles = this.linked.size > 0;
		for (let tries = 1; ; tries++) {
			const { files, isWhole } = await listFiles(context, this.base, itemIndex);
			this.linked = files;
			const isDoubtful = !isWhole || (hadFiles && files.size === 0);
			if (!isDoubtful || tries >= LIST_TRIES) return;
		}
	}

	/** Asks a second time where the list was empty: a real Open WebUI hides a failed query behind an empty list. */
	async confirmEmpty(context: IExecuteFunctions, itemIndex: number): Promise<void> {
		if (this.linked.size > 0 || this.isSurelyEmpty) return;
		await this.refresh(context, itemIndex);
		this.isSurelyEmpty = true;
	}

	/** Notes that a file was added. */
	put(fileId: string, file: LinkedFile): void {
		this.dropped.delete(fileId);
		this.linked.set(fileId, file);
	}

	/** Notes that a file was taken out. */
	drop(fileId: string): void {
		this.dropped.add(fileId);
		this.linked.delete(fileId);
	}

	/** Takes in the files that the answer to an addition names, among them those that others added meanwhile. */
	take(entries: IDataObject[]): void {
		for (const entry of entries) {
			const fileId = String(entry.id);
			// Of requests side by side, one may name a file that the other has just taken out.
			if (!this.dropped.has(fileId)) this.linked.set(fileId, linkedFile(entry));
		}
	}

	/** Another file than `fileId` with the same text. */
	twinOf(fileId: string, hash: string | undefined): string | undefined {
		if (hash === undefined) return undefined;
		for (const [id, file] of this.linked) if (file.hash === hash && id !== fileId) return id;
		return undefined;
	}
}

/** What one run of the node knows about the knowledge bases and files it works with. */
export class RunState {
	readonly bases = new RunCache<KnowledgeBase>();

	readonly states = new FileStates();

	private readonly files = new RunCache<BaseFiles>();

	private readonly known: BaseFiles[] = [];

	/** The files of a knowledge base, asked for once: a large base has many pages. */
	async filesOf(
		context: IExecuteFunctions,
		base: KnowledgeBase,
		itemIndex: number,
	): Promise<BaseFiles> {
		return await this.files.get(
			base.id,
			async () => {
				const files = await BaseFiles.read(context, base, itemIndex);
				this.known.push(files);
				return files;
			},
		);
	}

	/** Notes that a file was deleted, and so is in no knowledge base any more. */
	forget(fileId: string): void {
		for (const files of this.known) files.drop(fileId);
	}
}
