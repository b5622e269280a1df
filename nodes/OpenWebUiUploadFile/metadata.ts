import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import { jsonObjectOf } from '../shared/options';

/** Where a sync notes the IDs of the older versions that a file takes the place of: a name that nobody picks. */
export const REPLACES_FIELD = 'n8n_replaces';

/** The metadata of an item: the fields of the form, and below them those of the JSON option. */
export function metadataOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): IDataObject {
	const metadata = { ...jsonObjectOf(context, options.metadataJson, 'Metadata (JSON)', itemIndex) };
	const { fields } = objectOf(options.metadata) as { fields?: IDataObject[] };
	for (const { name, value } of fields ?? []) {
		if (textOf(name)) metadata[String(name)] = value;
	}
	return metadata;
}

/** True when the server keeps the same value for each of the fields. Fields of its own do not count. */
export function hasMetadata(record: IDataObject, metadata: IDataObject): boolean {
	const kept = objectOf(objectOf(record.meta).data);
	return Object.entries(metadata).every(
		([name, value]) => JSON.stringify(kept[name]) === JSON.stringify(value),
	);
}

/** What the server keeps of the metadata that were sent with a file, without the note of a sync. */
export function keptMetadata(record: IDataObject): IDataObject {
	const kept = { ...objectOf(objectOf(record.meta).data) };
	delete kept[REPLACES_FIELD];
	return kept;
}
