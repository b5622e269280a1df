import type { IDataObject } from 'n8n-workflow';

import { numberOf, objectOf, textOf } from './guards';

/** A found piece of text, as the server gives it. */
export interface RawPassage {
	text: unknown;
	metadata: unknown;
	/** The server's "distance" is a similarity: higher is better. */
	distance: unknown;
	/** Name and ID of the file where the metadata have none. */
	fallback?: { name?: string; fileId?: string };
}

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

/** The passage in the form of the nodes' output; page and heading only where the document has them. */
export function passageOf(raw: RawPassage): IDataObject {
	const metadata = objectOf(raw.metadata);
	const { name, fileId } = raw.fallback ?? {};
	const passage: IDataObject = {
		file: textOf(metadata.name) ?? textOf(metadata.source) ?? name ?? null,
		fileId: textOf(metadata.file_id) ?? fileId ?? null,
	};
	const page = pageOf(metadata);
	if (page !== undefined) passage.page = page;
	const heading = headingOf(metadata);
	if (heading !== undefined) passage.heading = heading;
	return {
		...passage,
		text: String(raw.text ?? ''),
		score: numberOf(metadata.score) ?? numberOf(raw.distance) ?? null,
	};
}

/** False for a passage without text: a file that is not embedded yet can give one. */
export function hasText({ text }: IDataObject): boolean {
	return String(text).trim() !== '';
}
