import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { eachBounded } from '../shared/bounded';
import { isCancelled, throwIfCancelled } from '../shared/context';
import { deleteFile } from '../shared/deleteFile';
import { unexpectedAnswer } from '../shared/errors';
import { entriesOf, isObject, objectOf } from '../shared/guards';
import { withItemIndex } from '../shared/runItems';
import { openWebUiRequest } from '../shared/transport';
import type { BaseFiles, RunState } from './runState';
import { sendOnce } from './sendOnce';

/** A file and the knowledge base it goes into or out of. */
export interface Link {
	files: BaseFiles;
	fileId: string;
	filename?: string;
	hash?: string;
	timeoutMs: number;
	itemIndex: number;
}

async function post(
	context: IExecuteFunctions,
	link: Link,
	action: string,
	body: IDataObject | IDataObject[],
	qs?: IDataObject,
): Promise<unknown> {
	const { files, timeoutMs, itemIndex } = link;
	return await openWebUiRequest(context, {
		method: 'POST',
		path: `/api/v1/knowledge/${encodeURIComponent(files.base.id)}/${action}`,
		qs,
		body: () => body,
		timeoutMs,
		itemIndex,
	});
}

function note({ files, fileId, filename, hash }: Link): void {
	files.put(fileId, { filename, hash });
}

/** The files that the answer to an addition names: some servers name only the last ones of a large base. */
function filesIn(answer: unknown): IDataObject[] {
	return entriesOf(objectOf(answer).files);
}

/**
 * Puts one processed file into a knowledge base. Throws a NodeApiError with the server's reason, or when
 * the server claims to have added the file and has not.
 */
export async function linkFile(context: IExecuteFunctions, link: Link): Promise<void> {
	const { files, fileId, filename, itemIndex } = link;
	let isNamed = false;
	const isDone = async () => {
		await files.refresh(context, itemIndex);
		return files.linked.has(fileId);
	};
	await sendOnce(context, {
		...link,
		send: async () => {
			const named = filesIn(await post(context, link, 'file/add', { file_id: fileId }));
			files.take(named);
			isNamed = named.some(({ id }) => id === fileId);
		},
		isDone,
	});
	if (!isNamed && !(await isDone())) {
		const message = `The server did not add "${filename ?? fileId}" to the knowledge base "${files.base.name}"`;
		const description = `It answered without an error, and does not list the file ${fileId} there. Look at the log of the server.`;
		throw unexpectedAnswer(context, message, description, itemIndex);
	}
	note(link);
}

/**
 * Puts files of different texts into one knowledge base with one request, and gives those that the
 * server left out: it does not tell why. Throws a NodeApiError when it refuses altogether.
 */
export async function linkTogether<T extends Link>(
	context: IExecuteFunctions,
	links: T[],
): Promise<T[]> {
	const [first] = links;
	if (!first) return [];
	const { files, itemIndex } = first;
	const body = links.map(({ fileId }) => ({ file_id: fileId }));
	let there = new Set<string>();
	await sendOnce(context, {
		...first,
		send: async () => {
			const named = filesIn(await post(context, first, 'files/batch/add', body));
			files.take(named);
			there = new Set(named.map(({ id }) => String(id)));
		},
		isDone: async () => {
			await files.refresh(context, itemIndex);
			return links.every(({ fileId }) => files.linked.has(fileId));
		},
	});
	if (!links.every(({ fileId }) => there.has(fileId))) await files.refresh(context, itemIndex);
	else links.forEach(note);
	return links.filter(({ fileId }) => !files.linked.has(fileId));
}

/** The server's answer for a file that is not, or no longer, in the knowledge base. */
function mayBeGone(error: unknown): boolean {
	return isObject(error) && ['400', '404'].includes(String(error.httpCode));
}

/**
 * Takes a file out of a knowledge base and keeps the file, unless told to delete it with its text in this
 * base alone. Gives false when it was gone already. Throws a NodeApiError when refused.
 */
export async function unlinkFile(
	context: IExecuteFunctions,
	link: Link,
	deletesFile = false,
): Promise<boolean> {
	const { files, fileId, itemIndex } = link;
	const isDone = async () => {
		await files.refresh(context, itemIndex);
		return !files.linked.has(fileId);
	};
	// Left out, it would be true.
	const qs = { delete_file: deletesFile };
	try {
		await sendOnce(context, {
			...link,
			send: async () => void (await post(context, link, 'file/remove', { file_id: fileId }, qs)),
			isDone,
		});
	} catch (error) {
		throwIfCancelled(context, itemIndex);
		if (mayBeGone(error) && (await isDone())) return false;
		throw withItemIndex(context, error, itemIndex);
	}
	files.drop(fileId);
	return true;
}

/**
 * Deletes a file of a knowledge base from the server, and so out of all others. Gives false when it was gone
 * already. Throws as deleteFile does.
 */
export async function deleteLinked(
	context: IExecuteFunctions,
	state: RunState,
	link: Link,
): Promise<boolean> {
	const { files, fileId } = link;
	if (!files.base.isCleanedUp) return await unlinkFile(context, link, true);
	await deleteFile(context, { ...link, baseId: files.base.id });
	state.forget(fileId);
	return true;
}

/**
 * Does the work for each, some at the same time, and gives the errors of those that failed. Throws when the
 * execution is stopped: the error of what was under way, which may tell what is left undone.
 */
export async function eachLink<T extends Link>(
	context: IExecuteFunctions,
	links: T[],
	concurrency: number,
	work: (link: T) => Promise<void>,
): Promise<Map<T, unknown>> {
	const errors = new Map<T, unknown>();
	await eachBounded(links.length, concurrency, async (index) => {
		const link = links[index];
		if (!link) return;
		throwIfCancelled(context, link.itemIndex);
		try {
			await work(link);
		} catch (error) {
			if (isCancelled(context)) throw withItemIndex(context, error, link.itemIndex);
			errors.set(link, error);
		}
	});
	return errors;
}
