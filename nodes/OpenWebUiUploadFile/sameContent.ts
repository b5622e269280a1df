import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { sha256Of } from '../shared/fileSource';
import { filesByName } from '../shared/files';
import { objectOf } from '../shared/guards';

/** A name may hold characters that the search takes for wildcards; `?` stands for each of them. */
function searchPattern(fileName: string): string {
	return fileName.replace(/[*[\]]/g, '?');
}

/** The server keeps the last part of a path only. */
function baseName(fileName: string): string {
	return fileName.split(/[\\/]/).pop() ?? fileName;
}

/**
 * The files on the server with the same name and the same bytes, newest first. Files whose processing
 * failed do not count.
 */
export async function filesOfSameContent(
	context: IExecuteFunctions,
	file: FileSource,
	itemIndex: number,
): Promise<IDataObject[]> {
	const name = baseName(file.fileName);
	const candidates: IDataObject[] = [];
	for await (const found of filesByName(context, searchPattern(name), itemIndex)) {
		const failed = objectOf(found.data).status === 'failed';
		if (found.filename === name && !failed) candidates.push(found);
	}
	if (candidates.length === 0) return [];
	const hash = await sha256Of(file);
	return candidates.filter((found) => objectOf(found.meta).file_hash === hash);
}
