import type { IDataObject } from 'n8n-workflow';

import { numberOf, objectOf, textOf } from '../shared/guards';

function pageOf(metadata: IDataObject): string | number | undefined {
	const label = metadata.page_label;
	if (typeof label === 'number') return label;
	if (typeof label === 'string' && label !== '') return /^\d+$/.test(label) ? Number(label) : label;
	const page = Number(metadata.page ?? NaN);
	// `page` counts from 0, people from 1.
	return Number.isFinite(page) ? page + 1 : undefined;
}

function headingOf({ heading, headings }: IDataObject): string | undefined {
	if (Array.isArray(headings) && headings.length > 0) return headings.map(String).join(' > ');
	return textOf(heading) ?? textOf(headings);
}

function sourceOf(entry: IDataObject, text: unknown, index: number): IDataObject {
	const metadatas = Array.isArray(entry.metadata) ? (entry.metadata as unknown[]) : [];
	const distances = Array.isArray(entry.distances) ? (entry.distances as unknown[]) : [];
	const metadata = objectOf(metadatas[index]);
	const request = objectOf(entry.source);
	const requestFile = request.type === 'file' ? textOf(request.id) : undefined;
	const source: IDataObject = {
		file: textOf(metadata.name) ?? textOf(metadata.source) ?? textOf(request.name) ?? null,
		fileId: textOf(metadata.file_id) ?? requestFile ?? null,
	};
	const page = pageOf(metadata);
	if (page !== undefined) source.page = page;
	const heading = headingOf(metadata);
	if (heading !== undefined) source.heading = heading;
	return {
		...source,
		text: String(text ?? ''),
		score: numberOf(metadata.score) ?? numberOf(distances[index]) ?? null,
	};
}

/**
 * The passages behind an answer, one by one, from the server's `sources` (one entry for each
 * attachment, with parallel arrays). Empty passages are left out: a file that is not embedded yet
 * gives an entry without any.
 */
export function flatSources(sources: unknown): IDataObject[] {
	const entries: unknown[] = Array.isArray(sources) ? sources : [];
	return entries.map(objectOf).flatMap((entry) => {
		const documents = Array.isArray(entry.document) ? (entry.document as unknown[]) : [];
		return documents
			.map((text, index) => sourceOf(entry, text, index))
			.filter(({ text }) => String(text).trim() !== '');
	});
}
