import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { baseName, relativePath, sentName } from '../shared/fileName';
import { filesByName } from '../shared/files';
import { objectOf, textOf } from '../shared/guards';

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

/** The files of the server as they were when a run first asked: one listing, whatever the items. */
export class ServerFiles {
	private listing?: Promise<Map<string, IDataObject[]>>;

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
		return (await this.listing).get(key) ?? [];
	}

	private async read(
		context: IExecuteFunctions,
		itemIndex: number,
	): Promise<Map<string, IDataObject[]>> {
		const versions = new Map<string, IDataObject[]>();
		for await (const record of filesByName(context, '*', itemIndex)) {
			const key = keyOf(record);
			versions.set(key, [...(versions.get(key) ?? []), record]);
		}
		return versions;
	}
}
