import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { pause } from './context';
import { objectOf, textOf } from './guards';
import { isMissingRoute } from './missingRoute';
import { openWebUiRequest, openWebUiResponse } from './transport';

/** First and longest pause between two looks at a file's state. */
const FIRST_DELAY_MS = 50;
const MAX_DELAY_MS = 2_000;

/** How long a `failed` without a reason may be a passing state. */
const PASSING_FAILURE_MS = 6_000;

/** How long a server may take to read the text of a file that it shows as failed for want of text. */
const READING_MS = 60_000;

/** Which file to look at, and for which item. */
interface FileLook {
	fileId: string;
	itemIndex: number;
}

/** What to wait for. */
export interface FileWait extends FileLook {
	timeoutMs: number;
	/** True where somebody else may be linking the file at the same time: a failure may then pass. */
	doubtFailure?: boolean;
	/** True where a file is to be read again that failed only because its text is in a knowledge base already. */
	mendDuplicate?: boolean;
	/** Told the status at every look. */
	onLook?: (status: string) => void;
}

/** What a server keeps of the text of a file: nothing yet, no letter, or something. */
export type TextState = 'unread' | 'blank' | 'read';

/** The record of a file, with its text left out, and how far the text is. */
export interface FileRecord {
	record: IDataObject;
	text: TextState;
}

function textStateOf(content: unknown): TextState {
	if (typeof content !== 'string') return 'unread';
	return content.trim() === '' ? 'blank' : 'read';
}

/** What the server answers when it is asked for a single file; its lists tell nothing of the text. */
export function fileRecordOf(body: unknown): FileRecord {
	const record = objectOf(body);
	const { content, ...data } = objectOf(record.data);
	return { record: { ...record, data }, text: textStateOf(content) };
}

async function readFile(
	context: IExecuteFunctions,
	{ fileId, itemIndex }: FileLook,
): Promise<FileRecord> {
	const body = await openWebUiRequest(context, {
		path: `/api/v1/files/${encodeURIComponent(fileId)}`,
		itemIndex,
	});
	return fileRecordOf(body);
}

/** Servers before 0.6.23 read a file while it is uploaded: it has a hash, or there was no text in it. */
async function statusOfRecord(
	context: IExecuteFunctions,
	look: FileLook,
): Promise<string> {
	const { data, hash } = (await readFile(context, look)).record;
	return textOf(objectOf(data).status) ?? (textOf(hash) ? 'completed' : 'failed');
}

/** How far the server is with a file, in its own words, such as "completed". Throws when there is no such file. */
export async function readStatus(context: IExecuteFunctions, look: FileLook): Promise<string> {
	const response = await openWebUiResponse(context, {
		path: `/api/v1/files/${encodeURIComponent(look.fileId)}/process/status`,
		itemIndex: look.itemIndex,
		tolerate: (answer) => isMissingRoute(answer),
	});
	if (isMissingRoute(response)) return await statusOfRecord(context, look);
	return textOf(objectOf(response.body).status) ?? 'pending';
}

/**
 * Whether the server may still go on with a file that it shows as failed. Open WebUI shows one that somebody adds to
 * a knowledge base too early as failed for want of text until it is searchable, however long that takes; a file that
 * has no text is known by the blank text that is kept of it.
 */
function mayPass(reason: string | undefined, text: TextState, failedForMs: number): boolean {
	if (reason === undefined) return failedForMs < PASSING_FAILURE_MS;
	if (!/content provided is empty/i.test(reason)) return false;
	return text === 'read' || (text === 'unread' && failedForMs < READING_MS);
}

/**
 * Lets the server read a file again. A real Open WebUI marks a file as failed for good when its text is
 * already in a knowledge base that it was to join. Gives false when the server will not.
 */
export async function processAgain(
	context: IExecuteFunctions,
	{ fileId, timeoutMs, itemIndex }: FileWait,
): Promise<boolean> {
	const { statusCode } = await openWebUiResponse(context, {
		method: 'POST',
		path: '/api/v1/retrieval/process/file',
		body: () => ({ file_id: fileId }),
		timeoutMs,
		itemIndex,
		tolerate: (answer) => answer.statusCode >= 400,
	});
	return statusCode < 400;
}

function failure(
	context: IExecuteFunctions,
	wait: FileWait,
	record: IDataObject,
	reason?: string,
): NodeOperationError {
	const name = textOf(record.filename) ?? wait.fileId;
	return new NodeOperationError(
		context.getNode(),
		`"${name}" could not be processed: ${reason ?? 'the server gives no reason'}`,
		{
			description: `The server keeps the file under the ID ${wait.fileId} with the status "failed".`,
			itemIndex: wait.itemIndex,
		},
	);
}

/** The error for a file that is still not searchable when its time is over. */
export function tooLong(context: IExecuteFunctions, wait: FileWait, status: string): NodeOperationError {
	const seconds = Math.round(wait.timeoutMs / 1000);
	return new NodeOperationError(
		context.getNode(),
		`The file ${wait.fileId} is not searchable after ${seconds} seconds (status "${status}")`,
		{
			description:
				'The server goes on with it. Raise Options > Timeout, or look at the log of the server if the status stays the same.',
			itemIndex: wait.itemIndex,
		},
	);
}

/**
 * Waits until the server has read and embedded a file, and gives its record. Throws a
 * NodeOperationError with the server's reason when processing failed, when `timeoutMs` is over, or
 * when the execution is stopped.
 */
export async function waitForFile(
	context: IExecuteFunctions,
	wait: FileWait,
): Promise<IDataObject> {
	const startedAt = Date.now();
	let failedSince: number | undefined;
	let mended = false;
	for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(delayMs * 1.5, MAX_DELAY_MS)) {
		const status = await readStatus(context, wait);
		wait.onLook?.(status);
		if (status === 'completed') return (await readFile(context, wait)).record;
		const leftMs = wait.timeoutMs - (Date.now() - startedAt);
		if (status === 'failed') {
			failedSince ??= Date.now();
			const { record, text } = await readFile(context, wait);
			const reason = textOf(objectOf(record.data).error);
			const isSpoilt: boolean = wait.mendDuplicate === true && /duplicate content/i.test(reason ?? '');
			const mends: boolean = isSpoilt && !mended && (await processAgain(context, wait));
			mended ||= mends;
			const passes: boolean = wait.doubtFailure === true && leftMs > 0 && mayPass(reason, text, Date.now() - failedSince);
			if (!mends && !passes) throw failure(context, wait, record, reason);
		} else {
			failedSince = undefined;
		}
		if (leftMs <= 0) throw tooLong(context, wait, status);
		await pause(context, Math.min(delayMs, leftMs), wait.itemIndex);
	}
}
