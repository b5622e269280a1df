import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { sentName } from '../shared/fileName';
import { sha256Of } from '../shared/fileSource';
import { filesByName } from '../shared/files';
import { objectOf } from '../shared/guards';
import { isFailed } from './searchable';

/** A name may hold characters that the search takes for wildcards, and quotes arrive in another form. */
function searchPattern(fileName: string): string {
	return fileName.replace(/[*[\]]/g, '?').replace(/["\r\n]/g, '*');
}

/** The files on the server of this name, newest first, failed ones among them. */
export async function filesNamed(
	context: IExecuteFunctions,
	fileName: string,
	itemIndex: number,
): Promise<IDataObject[]> {
	const names = [fileName, sentName(fileName)];
	const files: IDataObject[] = [];
	for await (const found of filesByName(context, searchPattern(fileName), itemIndex)) {
		if (names.includes(String(found.filename))) files.push(found);
	}
	return files;
}

/** Those of the records that have the same bytes. The file is only read when one of them may. */
export async function withSameBytes(
	context: IExecuteFunctions,
	records: IDataObject[],
	file: FileSource,
	itemIndex: number,
): Promise<IDataObject[]> {
	const possible = records.filter(
		({ meta }) => (objectOf(meta).size ?? file.sizeBytes) === file.sizeBytes,
	);
	if (possible.length === 0) return [];
	const hash = await sha256Of(context, file, itemIndex);
	return possible.filter(({ meta }) => objectOf(meta).file_hash === hash);
}

/**
 * The files on the server with the same name and the same bytes, newest first. Files whose processing
 * failed or was lost do not count.
 */
export async function filesOfSameContent(
	context: IExecuteFunctions,
	file: FileSource,
	itemIndex: number,
): Promise<IDataObject[]> {
	const named = await filesNamed(context, file.fileName, itemIndex);
	const candidates = named.filter((record) => !isFailed(record));
	return await withSameBytes(context, candidates, file, itemIndex);
}
