import type { IDataObject, IExecuteFunctions, INodeExecutionData } from 'n8n-workflow';

import { isObject } from '../shared/guards';
import { errorItem } from '../shared/runItems';
import type { Action, Failure, Outcome } from './outcome';
import type { Results } from './results';
import type { BaseFiles } from './runState';

const byItem = (a: { itemIndex: number }, b: { itemIndex: number }): number =>
	a.itemIndex - b.itemIndex;

const CHANGE: Partial<Record<Action, number>> = { added: 1, removed: -1 };

/** The flag is there only where it says something. */
function removalFlag({ removalSkipped }: Results, baseId: string): IDataObject {
	return removalSkipped.has(baseId) ? { removalSkipped: true } : {};
}

/** How many files the knowledge bases had before, counted back from what they have now. */
function countsBefore({ outcomes }: Results, bases: BaseFiles[]): Map<string, number> {
	const counts = new Map(bases.map(({ base, linked }) => [base.id, linked.size]));
	for (const { base, action } of outcomes) {
		counts.set(base.id, (counts.get(base.id) ?? 0) - (CHANGE[action] ?? 0));
	}
	return counts;
}

/** One item for each file, in the order of the input; after them what was cleared up. */
export function fileItems(
	context: IExecuteFunctions,
	results: Results,
	bases: BaseFiles[],
): INodeExecutionData[] {
	const counts = countsBefore(results, bases);
	const isItems = ({ afterItems }: Outcome) => afterItems !== true;
	const ordered = [
		...results.outcomes.filter(isItems).sort(byItem),
		...results.outcomes.filter((outcome) => !isItems(outcome)).sort(byItem),
	];
	const items = ordered.map((outcome) => {
		const { base, action, fileId, filename, duplicateOf, itemIndex } = outcome;
		const fileCount = (counts.get(base.id) ?? 0) + (CHANGE[action] ?? 0);
		counts.set(base.id, fileCount);
		const json: IDataObject = { knowledgeId: base.id, knowledgeName: base.name };
		if (fileId !== undefined) json.fileId = fileId;
		if (filename !== undefined) json.filename = filename;
		json.action = action;
		if (duplicateOf !== undefined) json.duplicateOf = duplicateOf;
		const output = { ...json, fileCount, ...removalFlag(results, base.id) };
		return { outcome, item: { json: output, pairedItem: { item: itemIndex } } };
	});
	const errors = results.failures.map(({ error, itemIndex }) => ({
		outcome: { itemIndex, afterItems: false },
		item: errorItem(context, error, itemIndex),
	}));
	const own = items.filter(({ outcome }) => isItems(outcome));
	const after = items.filter(({ outcome }) => !isItems(outcome));
	const inOrder = [...own, ...errors].sort((a, b) => byItem(a.outcome, b.outcome));
	return [...inOrder, ...after].map(({ item }) => item);
}

function named({ fileId, filename }: Outcome | Failure): IDataObject {
	return { id: fileId ?? null, filename: filename ?? null };
}

function summaryOf(results: Results, files: BaseFiles): INodeExecutionData {
	const { base, linked } = files;
	const outcomes = results.outcomes.filter((outcome) => outcome.base.id === base.id);
	const failures = results.failures.filter((failure) => failure.base?.id === base.id);
	const of = (action: Action): IDataObject[] =>
		outcomes
			.filter((outcome) => outcome.action === action)
			.sort(byItem)
			.map((outcome) => {
				const other = outcome.duplicateOf;
				return { ...named(outcome), ...(other === undefined ? {} : { duplicateOf: other }) };
			});
	const failed = failures.sort(byItem).map((failure) => {
		const { error } = failure;
		return { ...named(failure), error: isObject(error) ? String(error.message) : String(error) };
	});
	const items = new Set([...outcomes, ...failures].map(({ itemIndex }) => itemIndex));
	const json: IDataObject = {
		knowledgeId: base.id,
		knowledgeName: base.name,
		fileCount: linked.size,
		added: of('added'),
		unchanged: of('unchanged'),
		skipped: of('skipped'),
		replaced: of('replaced'),
		removed: of('removed'),
		absent: of('absent'),
		failed,
		files: [...linked].map(([id, { filename }]) => ({ id, filename: filename ?? null })),
		...removalFlag(results, base.id),
	};
	const pairedItem = [...items].sort((a, b) => a - b).map((item) => ({ item }));
	return { json, pairedItem };
}

/**
 * One item for each knowledge base. A failed item is told in the `failed` list of its base, and is an
 * item of its own where no base is known for it, or where the node has an output for errors.
 */
export function summaryItems(
	context: IExecuteFunctions,
	results: Results,
	bases: BaseFiles[],
): INodeExecutionData[] {
	const hasErrorOutput = context.getNode().onError === 'continueErrorOutput';
	const apart = results.failures.filter(({ base }) => hasErrorOutput || base === undefined);
	return [
		...bases.map((files) => summaryOf(results, files)),
		...apart.map(({ error, itemIndex }) => errorItem(context, error, itemIndex)),
	];
}
