import type { IDataObject } from 'n8n-workflow';

import { simplified } from './output';
import type { Upload } from './send';

/** What a sync found out about a file. */
export type Change = 'added' | 'changed' | 'unchanged' | 'failed';

/** What an item asks for. */
export interface SyncJob extends Upload {
	/** The name with its folders. */
	path: string;
	key: string;
	/** Whether older versions stay on the server. */
	keepsOlder: boolean;
	/** Whether other metadata make a file a changed one. */
	comparesMetadata: boolean;
}

/** What became of it. `record` is the file to use now, after a failure mostly an older version. */
export interface SyncOutcome {
	change: Change;
	record?: IDataObject;
	error?: string;
	/** The newest of the older versions. */
	previousId?: string;
	deletedIds?: string[];
}

/** The output of an item: the short form, or the server's record with what was found out. */
export function syncOutput(job: SyncJob, outcome: SyncOutcome, isSimple: boolean): IDataObject {
	const { record, change, ...more } = outcome;
	const what = { change, path: job.path, ...more };
	if (!isSimple) return { ...(record ?? { id: null, filename: job.file.fileName }), ...what };
	if (record && change !== 'failed') return simplified(record, what);
	return {
		id: record?.id ?? null,
		filename: job.file.fileName,
		status: 'failed',
		...what,
		sizeBytes: job.file.sizeBytes,
	};
}
