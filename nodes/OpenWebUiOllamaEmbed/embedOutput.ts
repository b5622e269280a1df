import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isUsedAsTool } from '../shared/context';
import { unexpectedAnswer } from '../shared/errors';
import { inputFiles } from '../shared/inputFiles';
import { optionsOf } from '../shared/options';
import { cosineSimilarity } from './cosineSimilarity';
import type { EmbedJob } from './embedJob';

/** How close each text of an item is to the one it is compared with. */
function similaritiesOf(
	context: IExecuteFunctions,
	vectors: number[][],
	other: number[],
	itemIndex: number,
): number[] {
	return vectors.map((vector) => {
		if (vector.length === other.length) return cosineSimilarity(vector, other);
		throw unexpectedAnswer(
			context,
			'The vectors of the two texts cannot be compared',
			`One has ${vector.length} dimensions, the other one ${other.length}.`,
			itemIndex,
		);
	});
}

/** The output item of an input item; `all` are its vectors, that of the text to compare with last. */
export function embedOutput(
	context: IExecuteFunctions,
	job: EmbedJob,
	all: number[][],
): INodeExecutionData {
	const { itemIndex } = job;
	const inputItem = context.getInputData()[itemIndex];
	const single = context.getNodeParameter('inputType', itemIndex) === 'text';
	const asTool = isUsedAsTool(context);
	const keep = !asTool && context.getNodeParameter('output', itemIndex) === 'addToItem';
	const field = String(optionsOf(context, itemIndex).outputField ?? '') || 'embedding';
	const vectors = all.slice(0, job.texts.length);
	const json: IDataObject = {
		...(keep ? inputItem?.json : {}),
		[field]: single ? vectors[0] : vectors,
	};
	if (job.compareWith !== undefined) {
		const other = all[job.texts.length] ?? [];
		const similarities = similaritiesOf(context, vectors, other, itemIndex);
		json.similarity = single ? similarities[0] : similarities;
		// A model can make nothing of the hundreds of numbers.
		if (asTool) delete json[field];
	}
	return { json, pairedItem: { item: itemIndex }, ...(keep ? inputFiles(context, itemIndex) : {}) };
}
