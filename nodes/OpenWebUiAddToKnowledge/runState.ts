import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { FileStates } from '../shared/fileStates';
import { objectOf, textOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
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

async function listFiles(
	context: IExecuteFunctions,
	base: KnowledgeBase,
	itemIndex: number,
): Promise<{ files: Map<string, LinkedFile>; count: number }> {
	const files = new Map<string, LinkedFile>();
	let count = 0;
	for await (const entry of filesOfBase(context, base.id, { limit: PAGE_SIZE }, itemIndex)) {
		count++;
		files.set(String(entry.id), linkedFile(entry));
	}
	return { files, count };
}

/** The files of a knowledge base: read once and then kept up by the node itself, or read anew. */
export class BaseFiles {
	readonly base: KnowledgeBase;

	linked = new Map<string, LinkedFile>();

	private readonly dropped = new Set<string>();

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
		for (let tries = 1; ; tries++) {
			const { files, count } = await listFiles(context, this.base, itemIndex);
			this.linked = files;
			if (files.size === count || tries >= LIST_TRIES) return;
		}
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

	/** The files of a knowledge base, asked for once: a large base has many pages. */
	async filesOf(
		context: IExecuteFunctions,
		base: KnowledgeBase,
		itemIndex: number,
	): Promise<BaseFiles> {
		return await this.files.get(
			base.id,
			async () => await BaseFiles.read(context, base, itemIndex),
		);
	}
}
