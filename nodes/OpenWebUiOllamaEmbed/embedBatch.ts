import type { IDataObject, IExecuteFunctions, NodeApiError } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { numberOf, objectOf } from '../shared/guards';
import { openWebUiRequest } from '../shared/transport';

/** Texts that go out in one request. */
export interface EmbedBatch {
	texts: string[];
	settings: IDataObject;
	timeoutMs: number;
	itemIndex: number;
}

function isVector(value: unknown): value is number[] {
	return Array.isArray(value) && value.length > 0 && value.every((entry) => Number.isFinite(entry));
}

/** What is wrong with a vector. `length` is that of the first one of the batch. */
function faultOf(vector: unknown, wanted: number | undefined, length: number): string | undefined {
	if (!isVector(vector)) return 'is empty or holds something else than numbers';
	if (wanted !== undefined && vector.length !== wanted) {
		return `has ${vector.length} dimensions instead of the ${wanted} asked for`;
	}
	if (vector.length !== length) return `has ${vector.length} dimensions, the first one ${length}`;
	return vector.every((entry) => entry === 0) ? 'is all zeros' : undefined;
}

/** The error for vectors that cannot be right. */
export function unusableVectors(
	context: IExecuteFunctions,
	{ settings }: EmbedBatch,
	fault: string,
	itemIndex: number,
): NodeApiError {
	return unexpectedAnswer(
		context,
		`The vectors of the model "${String(settings.model)}" cannot be used`,
		`${fault}. Check that the model is made for embedding, and the log of the model server.`,
		itemIndex,
	);
}

/** The vector of a text, or what is wrong with it. */
export type Embedded = { vector: number[] } | { fault: string };

/**
 * Embeds the texts of one batch, in their order, and tells of each vector whether it can be right: not of
 * another length than the others, not all zeros, numbers alone. Throws a NodeApiError when the server
 * refuses, or gives more or fewer vectors than texts.
 */
export async function embedBatch(
	context: IExecuteFunctions,
	batch: EmbedBatch,
): Promise<Embedded[]> {
	const body: IDataObject = { ...batch.settings, input: batch.texts };
	const answer = await openWebUiRequest(context, {
		method: 'POST',
		path: '/ollama/api/embed',
		body: () => body,
		timeoutMs: batch.timeoutMs,
		itemIndex: batch.itemIndex,
	});
	const { embeddings } = objectOf(answer) as { embeddings?: unknown };
	const vectors: unknown[] = Array.isArray(embeddings) ? embeddings : [];
	if (vectors.length !== batch.texts.length) {
		const count = `${batch.texts.length} texts were sent, ${vectors.length} vectors came back`;
		throw unusableVectors(context, batch, count, batch.itemIndex);
	}
	const wanted = numberOf(batch.settings.dimensions);
	const length = vectors.find(isVector)?.length ?? 0;
	return vectors.map((vector, index): Embedded => {
		const fault = faultOf(vector, wanted, length);
		if (fault === undefined) return { vector: vector as number[] };
		return { fault: `Vector ${index + 1} ${fault}` };
	});
}
