import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import * as workflow from 'n8n-workflow';

import { isUsedAsTool } from '../shared/context';
import { numberOf } from '../shared/guards';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import type { Answer } from './answer';
import { outputOf } from './answer';
import type { ChatRun } from './chatRun';
import { completeChat } from './completion';
import { requestBody } from './requestBody';
import { assertSources } from './requireSources';
import { flatSources } from './sources';
import { streamChat } from './streamChat';

function streams(context: IExecuteFunctions, options: IDataObject): boolean {
	// A tool's answer is for the agent, not for whoever chats with it.
	if (options.enableStreaming === false || isUsedAsTool(context)) return false;
	return typeof context.isStreaming === 'function' && context.isStreaming();
}

/** n8n shows tokens since 2.41; older hosts have no such function. */
function reportUsage(context: IExecuteFunctions, { usage }: Answer): void {
	if (!usage || typeof workflow.accumulateTokenUsage !== 'function') return;
	const promptTokens = numberOf(usage.prompt_tokens) ?? 0;
	const completionTokens = numberOf(usage.completion_tokens) ?? 0;
	workflow.accumulateTokenUsage(context, promptTokens, completionTokens);
}

/** Attachments that gave nothing are easily overlooked: the answer reads like any other. */
function hintAtMissingSources(context: IExecuteFunctions, itemIndex: number): void {
	if (typeof context.addExecutionHints !== 'function') return;
	context.addExecutionHints({
		message: `Item ${itemIndex}: nothing was found in the knowledge and files, the model answered without them.`,
		location: 'outputPane',
		type: 'warning',
	});
}

/**
 * Asks the model for the answer to an item. Throws with the server's words, or when sources are
 * required and nothing was found.
 */
export async function chatItem(
	context: IExecuteFunctions,
	run: ChatRun,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const timeoutMs = timeoutMsOf(options, LONG_TIMEOUT_MS);
	const stream = streams(context, options);
	const requireSources = options.requireSources === true;
	const body = await requestBody(context, run, options, stream, itemIndex);
	const answer = stream
		? await streamChat(context, body, { timeoutMs, requireSources, itemIndex })
		: await completeChat(context, body, timeoutMs, itemIndex);
	const sources = flatSources(answer.sources);
	if (requireSources) assertSources(context, sources, itemIndex);
	else if (Array.isArray(body.files) && sources.length === 0)
		hintAtMissingSources(context, itemIndex);
	reportUsage(context, answer);
	const wantsJson = ['json_object', 'json_schema'].includes(String(options.responseFormat));
	return [outputOf(context, answer, wantsJson, itemIndex)];
}
