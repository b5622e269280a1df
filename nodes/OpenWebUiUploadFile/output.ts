import type { IDataObject } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import { keptMetadata } from './metadata';

/** Where the processing of a file stands. A record without a status has not been begun. */
export function statusOf(record: IDataObject): string {
	return textOf(objectOf(record.data).status) ?? 'pending';
}

/** The short form of a file's record, with `what` was done. */
export function simplified(record: IDataObject, what: IDataObject): IDataObject {
	const meta = objectOf(record.meta);
	return {
		id: record.id,
		filename: record.filename,
		status: statusOf(record),
		...what,
		hash: record.hash ?? null,
		fileHash: meta.file_hash ?? null,
		sizeBytes: meta.size ?? null,
		contentType: meta.content_type ?? null,
		metadata: keptMetadata(record),
		createdAt: record.created_at,
	};
}
