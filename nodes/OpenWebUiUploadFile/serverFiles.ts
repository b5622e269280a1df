import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { baseName, relativePath, sentName } from '../shared/fileName';
import { filesByName } from '../shared/files';
import { objectOf, textOf } from '../shared/guards';

/** What makes two files the same one for a sync: the path, as the server would write it. */
export function syncKey(path: string): string {
	return sentName(relativePath(path));
}

/**
 * The key of a file on the server. It keeps the last part of a name only, so that the folder is in the
 * metadata; somebody else's field `path` may mean something else.
 */
export function keyOf(record: IDataObject): string {
	const nameKey = sentName(String(record.filename).normalize('NFC'));
	const path = textOf(objectOf(objectOf(record.meta).data).path);
	if (path === undefined || syncKey(baseName(path)) !== nameKey) return nameKey;
	return syncKey(path);
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
