import type { IDataObject } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import { hasText, passageOf } from '../shared/passage';

function sourceOf(entry: IDataObject, text: unknown, index: number): IDataObject {
	const metadatas = Array.isArray(entry.metadata) ? (entry.metadata as unknown[]) : [];
	const distances = Array.isArray(entry.distances) ? (entry.distances as unknown[]) : [];
	const request = objectOf(entry.source);
	return passageOf({
		text,
		metadata: metadatas[index],
		distance: distances[index],
		fallback: {
			name: textOf(request.name),
			fileId: request.type === 'file' ? textOf(request.id) : undefined,
		},
	});
}

/** The same passage twice, as overlapping attachments give it. */
function keyOf({ file, fileId, page, text }: IDataObject): string {
	return JSON.stringify([fileId ?? file, page, text]);
}

/**
 * The passages behind an answer, one by one and each once, from the server's `sources` (one entry for
 * each attachment, with parallel arrays). Empty passages are left out: a file that is not embedded yet
 * gives an entry without any.
 */
export function flatSources(sources: unknown): IDataObject[] {
	const entries: unknown[] = Array.isArray(sources) ? sources : [];
	const passages = entries.map(objectOf).flatMap((entry) => {
		const documents = Array.isArray(entry.document) ? (entry.document as unknown[]) : [];
		return documents.map((text, index) => sourceOf(entry, text, index)).filter(hasText);
	});
	const unique = new Map<string, IDataObject>();
	for (const passage of passages) {
		const key = keyOf(passage);
		if (!unique.has(key)) unique.set(key, passage);
	}
	return [...unique.values()];
}
