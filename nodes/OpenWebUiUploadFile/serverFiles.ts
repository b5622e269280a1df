import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { baseName, relativePath, sentName } from '../shared/fileName';
import { FILES_AT_ONCE, filesByName } from '../shared/files';
import { numberOf, objectOf, textOf } from '../shared/guards';
import { filesNamed } from './sameContent';

/** What makes two files the same one for a sync: the path, as the server would write it. */
export function syncKey(path: string): string {
	return sentName(relativePath(path));
}

/** The field `path` of the metadata where it names the file `fileName`: it may mean something else. */
export function pathIn(metadata: IDataObject, fileName: string): string | undefined {
	const path = textOf(metadata.path);
	const nameKey = sentName(fileName.normalize('NFC'));
	return path !== undefined && syncKey(baseName(path)) === nameKey ? relativePath(path) : undefined;
}

/**
 * The key of a file on the server. It keeps the last part of a name only, so that the folder is in the
 * metadata.
 */
export function keyOf(record: IDataObject): string {
	const fileName = String(record.filename);
	const path = pathIn(objectOf(objectOf(record.meta).data), fileName);
	return path === undefined ? sentName(fileName.normalize('NFC')) : syncKey(path);
}

/** What the server holds, by key. */
interface Listing {
	versions: Map<string, IDataObject[]>;
	/** True when it came in several answers: a file that is deleted between two of them hides another one. */
	mayHaveGaps: boolean;
}

function newestFirst(left: IDataObject, right: IDataObject): number {
	return (numberOf(right.created_at) ?? 0) - (numberOf(left.created_at) ?? 0);
}

/** The files of the server as they were when a run first asked: one listing, whatever the items. */
export class ServerFiles {
	private listing?: Promise<Listing>;

	/** What a closer look at one name found. */
	private readonly named = new RunCache<IDataObject[]>();

	/**
	 * The files with this key, newest first, failed ones among them. Throws what the listing threw, to
	 * each item the same.
	 */
	async versionsOf(
		context: IExecuteFunctions,
		key: string,
		itemIndex: number,
	): Promise<IDataObject[]> {
		this.listing ??= this.read(context, itemIndex);
		return (await this.listing).versions.get(key) ?? [];
	}

	/**
	 * As versionsOf, for a file that would be sent: with those that the listing may have passed over. They
	 * are asked for by the name, `fileName`, once for a run.
	 */
	async allVersionsOf(
		context: IExecuteFunctions,
		key: string,
		fileName: string,
		itemIndex: number,
	): Promise<IDataObject[]> {
		const versions = await this.versionsOf(context, key, itemIndex);
		if (!(await this.listing)?.mayHaveGaps) return versions;
		const named = await this.named.get(fileName, async () => await filesNamed(context, fileName, itemIndex));
		const known = new Set(versions.map(({ id }) => id));
		const missed = named.filter((record) => !known.has(record.id) && keyOf(record) === key);
		return missed.length === 0 ? versions : [...versions, ...missed].sort(newestFirst);
	}

	private async read(context: IExecuteFunctions, itemIndex: number): Promise<Listing> {
		const versions = new Map<string, IDataObject[]>();
		let count = 0;
		for await (const record of filesByName(context, '*', itemIndex)) {
			count++;
			const key = keyOf(record);
			const known = versions.get(key);
			if (known) known.push(record);
			else versions.set(key, [record]);
		}
		return { versions, mayHaveGaps: count >= FILES_AT_ONCE };
	}
}
