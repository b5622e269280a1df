import type { IDataObject } from 'n8n-workflow';

import { textOf } from '../shared/guards';

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

/** Ollama's word for an effort. */
function thinkOf(effort: string): string | boolean {
	return effort === 'none' || effort === 'minimal' ? false : effort;
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
 */
export function samplingOf(options: IDataObject, isOllama: boolean): IDataObject {
	const params: IDataObject = {};
	for (const [option, name] of Object.entries(NUMBERS)) {
		const value = options[option];
		if (value === undefined || value === null || value === '') continue;
		params[name] = Number(value);
	}
	const keepAlive = keepAliveOf(options.keepAlive);
	if (keepAlive !== undefined) params.keep_alive = keepAlive;
	const effort = textOf(options.reasoningEffort);
	if (effort !== undefined && isOllama) params.think = thinkOf(effort);
	else if (effort !== undefined) params.reasoning_effort = effort;
	// Open WebUI passes only schemas on to Ollama; plain JSON needs Ollama's own word for it.
	if (options.responseFormat === 'json_object' && isOllama) params.format = 'json';
	return params;
}
