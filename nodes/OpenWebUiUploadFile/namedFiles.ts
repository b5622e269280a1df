import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { sha256Of } from '../shared/fileSource';
import { objectOf } from '../shared/guards';
import { filesNamed } from './sameContent';
import { isFailed } from './searchable';

/** The files of one name, found by their bytes. */
class NameList {
	private readonly sizes = new Set<unknown>();

	private readonly byHash = new Map<unknown, IDataObject[]>();

	constructor(newestFirst: IDataObject[]) {
		for (const record of newestFirst) this.versionsLike(record).push(record);
	}

	/** Takes a record in the place of an older one of the same file, else as that of the newest file. */
	put(record: IDataObject): void {
		const versions = this.versionsLike(record);
		const index = versions.findIndex(({ id }) => id === record.id);
		if (index < 0) versions.unshift(record);
		else versions[index] = record;
	}

	remove(ids: string[]): void {
		for (const [hash, versions] of this.byHash) {
			this.byHash.set(hash, versions.filter(({ id }) => !ids.includes(String(id))));
		}
	}

	/** Newest first. The file is only read when a record has its size, or none. */
	async withBytesOf(context: IExecuteFunctions, file: FileSource, itemIndex: number): Promise<IDataObject[]> {
		if (!this.sizes.has(file.sizeBytes) && !this.sizes.has(undefined)) return [];
		return this.byHash.get(await sha256Of(context, file, itemIndex)) ?? [];
	}

	private versionsLike(record: IDataObject): IDataObject[] {
		const { size, file_hash: hash } = objectOf(record.meta);
		this.sizes.add(size ?? undefined);
		const versions = this.byHash.get(hash) ?? [];
		this.byHash.set(hash, versions);
		return versions;
	}
}

/**
 * The files of the server by name and bytes. Each name is listed once for a run, not once for each item, and
 * the run itself tells what it does to the files.
 */
export class NamedFiles {
	private readonly lists = new Map<string, Promise<NameList>>();

	/**
	 * The files of the same name and the same bytes, newest first. Files whose processing failed or was lost do
	 * not count. Throws what the listing throws; the next item then lists the name again.
	 */
	async ofSameContent(context: IExecuteFunctions, file: FileSource, itemIndex: number): Promise<IDataObject[]> {
		const list = await this.listOf(context, file.fileName, itemIndex);
		const same = await list.withBytesOf(context, file, itemIndex);
		return same.filter((record) => !isFailed(record));
	}

	/** Notes how a file stands now. A name that has not been listed is listed when somebody asks. */
	async put(fileName: string, record: IDataObject): Promise<void> {
		(await this.lists.get(fileName))?.put(record);
	}

	/** Notes that files are gone. */
	async remove(fileName: string, ids: string[]): Promise<void> {
		(await this.lists.get(fileName))?.remove(ids);
	}

	/** Lets a name be listed again: nobody knows what became of a file. */
	forget(fileName: string): void {
		this.lists.delete(fileName);
	}

	private async listOf(context: IExecuteFunctions, fileName: string, itemIndex: number): Promise<NameList> {
		const known = this.lists.get(fileName);
		if (known) return await known;
		const list = filesNamed(context, fileName, itemIndex).then((files) => new NameList(files));
		this.lists.set(fileName, list);
		list.catch(() => this.forget(fileName));
		return await list;
	}
}
