import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import type { FileSource } from '../shared/fileForm';
import { sentName } from '../shared/fileName';
import { sha256Of } from '../shared/fileSource';
import { filesByName } from '../shared/files';
import { numberOf, objectOf } from '../shared/guards';

/** A name may hold characters that the search takes for wildcards, and quotes arrive in another form. */
function searchPattern(fileName: string): string {
	return fileName.replace(/[*[\]]/g, '?').replace(/["\r\n]/g, '*');
}

/** Nothing takes a server so long. One that is restarted forgets what it was processing, and never ends it. */
const LOST_AFTER_SECONDS = 24 * 60 * 60;

/** True when processing ended badly, or will never end. */
export function isFailed(record: IDataObject): boolean {
	const { status } = objectOf(record.data);
	if (status !== 'pending' && status !== 'processing') return status === 'failed';
	const changedAt = numberOf(record.updated_at);
	return changedAt !== undefined && Date.now() / 1000 - changedAt > LOST_AFTER_SECONDS;
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
	const names = [file.fileName, sentName(file.fileName)];
	const candidates: IDataObject[] = [];
	for await (const found of filesByName(context, searchPattern(file.fileName), itemIndex)) {
		if (names.includes(String(found.filename)) && !isFailed(found)) candidates.push(found);
	}
	return await withSameBytes(context, candidates, file, itemIndex);
}
