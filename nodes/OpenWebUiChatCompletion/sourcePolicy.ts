import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { numberOf } from '../shared/guards';
import { numberOption } from '../shared/options';

/** What becomes of an item when nothing was found that the answer could rest on. */
export type WithoutSources = 'answer' | 'fail' | 'secondOutput';

/** When an answer counts as grounded, and what happens otherwise. */
export interface SourceRule {
	withoutSources: WithoutSources;
	/** Passages with a lower score do not count. A reranker may give scores below 0: undefined lets all of them in. */
	minimumScore: number | undefined;
}

/** What the option No Answer Without Sources asks for. */
export function withoutSourcesOf(value: unknown): WithoutSources {
	// The option was a switch once: true meant failing.
	if (value === true || value === 'fail') return 'fail';
	return value === 'secondOutput' ? 'secondOutput' : 'answer';
}

/** The rule that the options of an item ask for. Throws a NodeOperationError for a score that is no number. */
export function sourceRuleOf(
	context: IExecuteFunctions,
	options: IDataObject,
	itemIndex: number,
): SourceRule {
	return {
		withoutSources: withoutSourcesOf(options.requireSources),
		minimumScore: numberOption(context, options.minimumScore, 'Minimum Score', itemIndex),
	};
}

/** The passages that count. Those without a score are whole documents, which nobody had to find. */
export function passagesThatCount(passages: IDataObject[], rule: SourceRule): IDataObject[] {
	const { minimumScore } = rule;
	if (minimumScore === undefined) return passages;
	return passages.filter(({ score }) => (numberOf(score) ?? Infinity) >= minimumScore);
}

/** True if an answer may rest on the passages: what a tool gave was not found in knowledge and files. */
export function isGrounded(passages: IDataObject[]): boolean {
	return passages.some(({ tool }) => tool !== true);
}

/** The highest score among passages, if any of them has one. */
export function bestScoreOf(passages: IDataObject[]): number | undefined {
	const scores = passages.map(({ score }) => numberOf(score)).filter((score) => score !== undefined);
	return scores.length > 0 ? Math.max(...scores) : undefined;
}
