import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { objectOf, textOf } from '../shared/guards';
import { numberOption } from '../shared/options';
import { samplingOptions } from './samplingProperties';

/** The options of the form that are numbers, and the server's names for them. */
const NUMBERS: Record<string, string> = {
	contextLength: 'num_ctx',
	frequencyPenalty: 'frequency_penalty',
	maxTokens: 'max_tokens',
	minP: 'min_p',
	presencePenalty: 'presence_penalty',
	repeatPenalty: 'repeat_penalty',
	seed: 'seed',
	temperature: 'temperature',
	topK: 'top_k',
	topP: 'top_p',
};

/** What Open WebUI loses at the top level of a request to Ollama. It reads `max_tokens` there, and `stop`. */
const PARAMS = [
	...Object.values(NUMBERS).filter((name) => name !== 'max_tokens'),
	'format',
	'function_calling',
	'keep_alive',
	'reasoning_effort',
	'think',
];

/** The fields of a request that belong into its `params`, and the others. */
export function withoutSampling(fields: IDataObject): { sampling: IDataObject; others: IDataObject } {
	const sampling: IDataObject = {};
	const others: IDataObject = {};
	for (const [name, value] of Object.entries(fields)) {
		if (PARAMS.includes(name)) sampling[name] = value;
		else others[name] = value;
	}
	return { sampling, others };
}

/** Of Ollama's models the gpt-oss ones alone know levels; the others refuse them. */
function knowsLevels({ id, info, ollama }: IDataObject): boolean {
	const { family } = objectOf(objectOf(ollama).details);
	const names = [id, family, objectOf(info).base_model_id];
	return names.some((name) => /gpt-?oss/i.test(String(name)));
}

/** Ollama's word for an effort. */
function thinkOf(effort: string, entry: IDataObject): string | boolean {
	if (effort === 'none' || effort === 'minimal') return false;
	return knowsLevels(entry) ? effort : true;
}

/** Ollama takes a bare number as seconds and everything else as a duration, such as "10m". */
function keepAliveOf(value: unknown): string | number | undefined {
	const text = String(value ?? '').trim();
	if (text === '') return undefined;
	return Number.isFinite(Number(text)) ? Number(text) : text;
}

/** True if the options ask for something that Ollama and other model servers have different words for. */
export function needsKind(options: IDataObject): boolean {
	return options.responseFormat === 'json_object' || textOf(options.reasoningEffort) !== undefined;
}

/**
 * What goes into `params` of the request. At its top level Open WebUI loses most of it on the way to
 * Ollama, and servers before 0.12 `max_tokens` too; out of `params` it serves every kind of model.
 * `ollama` is the entry of the model in the server's list where Ollama serves it. Throws a
 * NodeOperationError that names an option that is no number.
 */
export function samplingOf(
	context: IExecuteFunctions,
	options: IDataObject,
	ollama: IDataObject | undefined,
	itemIndex: number,
): IDataObject {
	const params: IDataObject = {};
	for (const { name: option, displayName } of samplingOptions) {
		const name = NUMBERS[option];
		if (name === undefined) continue;
		const value = numberOption(context, options[option], displayName, itemIndex);
		if (value !== undefined) params[name] = value;
	}
	const keepAlive = keepAliveOf(options.keepAlive);
	if (keepAlive !== undefined) params.keep_alive = keepAlive;
	const effort = textOf(options.reasoningEffort);
	if (effort !== undefined && ollama) params.think = thinkOf(effort, ollama);
	else if (effort !== undefined) params.reasoning_effort = effort;
	// Open WebUI passes only schemas on to Ollama; plain JSON needs Ollama's own word for it.
	if (options.responseFormat === 'json_object' && ollama) params.format = 'json';
	return params;
}
