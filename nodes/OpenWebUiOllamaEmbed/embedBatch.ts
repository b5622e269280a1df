import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { unexpectedAnswer } from '../shared/errors';
import { objectOf } from '../shared/guards';
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

function fault(vectors: unknown[], batch: EmbedBatch): string | undefined {
	if (vectors.length !== batch.texts.length) {
		return `${batch.texts.length} texts were sent, ${vectors.length} vectors came back`;
	}
	const wanted = batch.settings.dimensions as number | undefined;
	const length = wanted ?? (isVector(vectors[0]) ? vectors[0].length : 0);
	for (const [position, vector] of vectors.entries()) {
		if (!isVector(vector))
			return `Vector ${position + 1} is empty or holds something else than numbers`;
		if (vector.length !== length) {
			return wanted === undefined
				? `Vector ${position + 1} has ${vector.length} dimensions, the first one ${length}`
				: `The vectors have ${vector.length} dimensions instead of the ${wanted} asked for`;
		}
		if (vector.every((entry) => entry === 0)) return `Vector ${position + 1} is all zeros`;
	}
	return undefined;
}

/**
 * Embeds the texts of one batch, in their order. Throws a NodeApiError when the server refuses, or
 * when the vectors cannot be right: wrong count, unequal lengths, not numbers, all zeros.
 */
export async function embedBatch(
	context: IExecuteFunctions,
	batch: EmbedBatch,
): Promise<number[][]> {
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
	const problem = fault(vectors, batch);
	if (problem === undefined) return vectors as number[][];
	throw unexpectedAnswer(
		context,
		`The vectors of the model "${String(batch.settings.model)}" cannot be used`,
		`${problem}. Check that the model is made for embedding, and the log of the model server.`,
		batch.itemIndex,
	);
}
