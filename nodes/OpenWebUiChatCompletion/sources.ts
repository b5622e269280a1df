import type { IDataObject } from 'n8n-workflow';

import { numberOf, objectOf, textOf } from '../shared/guards';
import { hasText, passageOf } from '../shared/passage';

/**
 * The numbers by which an answer cites documents, such as [1]. The runtime tells them; Open WebUI counts the
 * names of files, in the order of its sources.
 */
class Citations {
	private readonly numbers = new Map<string, number>();

	of(metadata: IDataObject, source: IDataObject): number {
		const key = textOf(metadata.source) ?? textOf(source.id) ?? 'N/A';
		const counted = this.numbers.get(key) ?? this.numbers.size + 1;
		this.numbers.set(key, counted);
		return numberOf(metadata.source_number) ?? counted;
	}
}

function sourceOf(
	entry: IDataObject,
	text: unknown,
	index: number,
	citations: Citations,
): IDataObject {
	const metadatas = Array.isArray(entry.metadata) ? (entry.metadata as unknown[]) : [];
	const distances = Array.isArray(entry.distances) ? (entry.distances as unknown[]) : [];
	const request = objectOf(entry.source);
	const metadata = objectOf(metadatas[index]);
	const passage = passageOf({
		text,
		metadata,
		distance: distances[index],
		fallback: {
			name: textOf(request.name),
			fileId: request.type === 'file' ? textOf(request.id) : undefined,
		},
	});
	const citation = citations.of(metadata, request);
	// What a tool gave is no passage of a document.
	return { ...passage, citation, ...(entry.tool_result === true ? { tool: true } : {}) };
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
	const citations = new Citations();
	const passages = entries.map(objectOf).flatMap((entry) => {
		const documents = Array.isArray(entry.document) ? (entry.document as unknown[]) : [];
		return documents.map((text, index) => sourceOf(entry, text, index, citations)).filter(hasText);
	});
	const unique = new Map<string, IDataObject>();
	for (const passage of passages) {
		const key = keyOf(passage);
		if (!unique.has(key)) unique.set(key, passage);
	}
	return [...unique.values()];
}
