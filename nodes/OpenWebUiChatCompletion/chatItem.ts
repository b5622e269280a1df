import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import * as workflow from 'n8n-workflow';

import { blankChoices, blankRemark, isBlankList } from '../shared/chosenDocuments';
import { isUsedAsTool } from '../shared/context';
import { objectOf } from '../shared/guards';
import { optionsOf, timeoutMsOf } from '../shared/options';
import { withItemIndex } from '../shared/runItems';
import { LONG_TIMEOUT_MS } from '../shared/transport';
import type { Answer } from './answer';
import { outputOf, usageOf } from './answer';
import { remarksOf } from './answerHints';
import { attachmentFaults } from './attachmentCheck';
import type { ChatRun } from './chatRun';
import { completeChat } from './completion';
import type { Miss } from './nothingFound';
import { nothingFoundError, nothingFoundItem, reasonOf } from './nothingFound';
import { requestBody } from './requestBody';
import type { SourceRule } from './sourcePolicy';
import { isGrounded, passagesThatCount, sourceRuleOf } from './sourcePolicy';
import { flatSources } from './sources';
import { streamChat } from './streamChat';

function streams(context: IExecuteFunctions, options: IDataObject): boolean {
	// A tool's answer is for the agent, not for whoever chats with it.
	if (options.enableStreaming === false || isUsedAsTool(context)) return false;
	return typeof context.isStreaming === 'function' && context.isStreaming();
}

/** n8n shows tokens since 2.41; older hosts have no such function. */
function reportUsage(context: IExecuteFunctions, { usage }: Answer): void {
	const tokens = usageOf(usage);
	if (!tokens || typeof workflow.accumulateTokenUsage !== 'function') return;
	workflow.accumulateTokenUsage(context, tokens.promptTokens, tokens.completionTokens);
}

async function ask(
	context: IExecuteFunctions,
	request: IDataObject,
	rule: SourceRule,
	itemIndex: number,
): Promise<Answer> {
	const timeoutMs = timeoutMsOf(optionsOf(context, itemIndex), LONG_TIMEOUT_MS);
	if (request.stream !== true) return await completeChat(context, request, timeoutMs, itemIndex);
	const mayAnswer = (sources: unknown): boolean =>
		rule.withoutSources === 'answer' || isGrounded(passagesThatCount(flatSources(sources), rule));
	return await streamChat(context, request, { timeoutMs, mayAnswer, itemIndex });
}

function isUnknownModel(error: unknown): boolean {
	const { message, httpCode } = objectOf(error);
	return String(httpCode) === '400' && /^Model not found/i.test(String(message));
}

/** Open WebUI knows a model that is newer than its last list only once somebody has asked for the list. */
async function askForKnown(
	context: IExecuteFunctions,
	run: ChatRun,
	request: IDataObject,
	rule: SourceRule,
	itemIndex: number,
): Promise<Answer> {
	try {
		return await ask(context, request, rule, itemIndex);
	} catch (error) {
		const model = String(request.model);
		const isNew =
			isUnknownModel(error) && (await run.listed(context, model, itemIndex)) !== undefined;
		if (!isNew) throw withItemIndex(context, error, itemIndex);
	}
	return await ask(context, request, rule, itemIndex);
}

/**
 * Asks the model for the answer to an item and gives the items for each output: the answer for the
 * first, or, where the options say so, the item for which nothing was found for the second. Throws with
 * the server's words, or when sources are required and nothing was found.
 */
export async function chatItem(
	context: IExecuteFunctions,
	run: ChatRun,
	itemIndex: number,
): Promise<IDataObject[][]> {
	const options = optionsOf(context, itemIndex);
	const rule = sourceRuleOf(context, options, itemIndex);
	const request = await requestBody(context, run, options, streams(context, options), itemIndex);
	const { files } = request;
	const answer = await askForKnown(context, run, request, rule, itemIndex);
	reportUsage(context, answer);
	const found = flatSources(answer.sources);
	const passages = passagesThatCount(found, rule);
	const { attachments } = run;
	const faults = await attachmentFaults(context, attachments, files, answer.sources, itemIndex);
	const miss: Miss = { request, refused: found, faults, rule };
	if (!isGrounded(passages) && rule.withoutSources !== 'answer') {
		if (rule.withoutSources === 'fail') throw nothingFoundError(context, miss, itemIndex);
		const item = nothingFoundItem(context, miss, itemIndex);
		return isUsedAsTool(context) ? [[item]] : [[], [item]];
	}
	const remarks = remarksOf({
		answer,
		hasAttachments: Array.isArray(files) && files.length > 0,
		isGrounded: isGrounded(passages),
		faults,
		reason: reasonOf(miss),
		bringsTools: request.tools !== undefined,
		blanks: [
			...blankChoices(context, options, itemIndex),
			...(isBlankList(options, 'imageFields') ? [blankRemark('the option Input Image Fields')] : []),
		],
	});
	run.remarks.note(remarks, itemIndex);
	const wantsJson = ['json_object', 'json_schema'].includes(String(options.responseFormat));
	const simplify = context.getNodeParameter('simplify', itemIndex) === true;
	return [[outputOf(context, answer, { simplify, wantsJson, passages }, itemIndex)]];
}
