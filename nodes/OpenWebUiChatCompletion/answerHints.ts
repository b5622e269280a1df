import type { IExecuteFunctions } from 'n8n-workflow';

import { BLANK_ROW_REMARK } from '../shared/chosenDocuments';
import { itemNames } from '../shared/itemNames';
import type { Answer } from './answer';

/** What is worth knowing about an item although it did not fail. */
export interface Remarks {
	answer: Answer;
	/** True when knowledge or files were attached. */
	hasAttachments: boolean;
	passageCount: number;
	/** Sentences about attachments that could not be used. */
	faults: string[];
	/** Why nothing was found, when nothing was. */
	reason: string;
	/** True when a row for a knowledge base or a file was empty. */
	hasBlankRow: boolean;
}

function emptyAnswer({ content, toolCalls, finishReason, reasoning }: Answer): string | undefined {
	if (content.trim() !== '' || toolCalls.length > 0) return undefined;
	if (finishReason === 'length' && reasoning !== undefined) {
		return 'the model used all its tokens for reasoning. Raise Options > Max Tokens.';
	}
	return 'the answer is empty. The model had nothing to say, or the model server failed and Open WebUI did not pass that on: look at its log.';
}

/** What is easily overlooked in an answer that reads like any other. */
export function remarksOf({
	answer,
	hasAttachments,
	passageCount,
	faults,
	reason,
	hasBlankRow,
}: Remarks): string[] {
	const remarks: string[] = [];
	if (hasBlankRow) remarks.push(BLANK_ROW_REMARK);
	if (hasAttachments && passageCount === 0) {
		remarks.push(
			`nothing was found in the knowledge and files, the model answered without them. ${reason}`,
		);
	} else {
		remarks.push(...faults.map((fault) => `an attachment was not used. ${fault}`));
	}
	const empty = emptyAnswer(answer);
	if (empty !== undefined) remarks.push(empty);
	else if (answer.finishReason === 'length') {
		remarks.push('the answer was cut off at the limit of tokens. Raise Options > Max Tokens.');
	}
	return remarks;
}

/** Shows in the editor each remark once, with the items that it is about. */
export function hintAtRemarks(context: IExecuteFunctions, remarks: Map<string, number[]>): void {
	if (typeof context.addExecutionHints !== 'function') return;
	for (const [remark, itemIndexes] of remarks) {
		context.addExecutionHints({
			message: `${itemNames(itemIndexes)}: ${remark}`,
			location: 'outputPane',
			type: 'warning',
		});
	}
}
