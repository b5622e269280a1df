import type { IDataObject } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import type { FileEvent } from './changes';
import type { Sighting } from './sighting';

function simplified({ record, status, hash, reason }: Sighting): IDataObject {
	const meta = objectOf(record.meta);
	return {
		status: status === 'searchable' ? 'completed' : 'failed',
		...(status === 'failed' ? { reason: reason ?? null } : {}),
		hash: hash === '' ? null : hash,
		fileHash: meta.file_hash ?? null,
		sizeBytes: meta.size ?? null,
		contentType: meta.content_type ?? null,
		metadata: objectOf(meta.data),
		createdAt: record.created_at ?? null,
		updatedAt: record.updated_at ?? null,
	};
}

/** The contents of the output item of an event: short, or with the server's own record of the file. */
export function eventOutput(event: FileEvent, isSimple: boolean): IDataObject {
	const { kind, id, filename, base, sighting, isUpdate } = event;
	const output: IDataObject = { event: kind, id, filename: textOf(filename) ?? null };
	if (base) Object.assign(output, { knowledgeId: base.id, knowledgeName: base.name });
	if (kind === 'searchable') output.isUpdate = isUpdate === true;
	if (!sighting) return output;
	return isSimple ? { ...output, ...simplified(sighting) } : { ...output, file: sighting.record };
}
