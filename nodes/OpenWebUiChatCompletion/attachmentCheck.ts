import type { IDataObject, IExecuteFunctions, IN8nHttpFullResponse } from 'n8n-workflow';

import type { RunCache } from '../shared/cache';
import { throwIfCancelled } from '../shared/context';
import { objectOf, textOf } from '../shared/guards';
import { isRefusal } from '../shared/retry';
import { openWebUiResponse } from '../shared/transport';

/** What became of a file or knowledge base that was attached to a question. */
type State = 'used' | 'unmatched' | 'unknown' | 'empty' | 'failed' | 'processing';

const NAMES: Record<string, string> = { file: 'file', collection: 'knowledge base' };

const FAULTS: Partial<Record<State, string>> = {
	unknown: 'does not exist, or the user of the API key may not read it',
	empty: 'has no text yet: it is empty, or its files are not processed',
	failed: 'could not be processed by the server',
	processing: 'is still being processed',
};

/** Kept short: the answer is only to say whether the thing is there. */
const CHECK_TIMEOUT_MS = 10_000;

function pathOf(type: string, id: string): string {
	const safeId = encodeURIComponent(id);
	return type === 'file'
		? `/api/v1/files/${safeId}/process/status`
		: `/api/v1/knowledge/${safeId}`;
}

function stateOf(response: IN8nHttpFullResponse): State {
	if ([400, 401, 403, 404].includes(response.statusCode)) return 'unknown';
	const status = textOf(objectOf(response.body).status);
	if (status === 'failed') return 'failed';
	return status === 'pending' || status === 'processing' ? 'processing' : 'unmatched';
}

async function ask(
	context: IExecuteFunctions,
	type: string,
	id: string,
	itemIndex: number,
): Promise<State> {
	try {
		const response = await openWebUiResponse(context, {
			path: pathOf(type, id),
			timeoutMs: CHECK_TIMEOUT_MS,
			itemIndex,
			tolerate: isRefusal,
		});
		return stateOf(response);
	} catch {
		// The reason is an extra: without it the item is no worse off.
		throwIfCancelled(context, itemIndex);
		return 'unmatched';
	}
}

/** What the server's `sources` say about an attachment: nothing at all, or no text in it. */
function seenState(sources: unknown, { type, id }: IDataObject): State | undefined {
	const entries: unknown[] = Array.isArray(sources) ? sources : [];
	const own = entries.map(objectOf).filter(({ source }) => {
		const named = objectOf(source);
		return named.id === id && named.type === type;
	});
	if (own.length === 0) return undefined;
	const texts = own.flatMap(({ document }) => (Array.isArray(document) ? document : []));
	return texts.some((text) => String(text).trim() !== '') ? 'used' : 'empty';
}

async function faultOf(
	context: IExecuteFunctions,
	states: RunCache<State>,
	attachment: IDataObject,
	sources: unknown,
	itemIndex: number,
): Promise<string | undefined> {
	const { type, id } = attachment;
	const name = NAMES[String(type)];
	if (name === undefined || typeof id !== 'string') return undefined;
	const seen = seenState(sources, attachment);
	if (seen === 'used') return undefined;
	const asked = await states.get(`${String(type)} ${id}`, async () => {
		return await ask(context, String(type), id, itemIndex);
	});
	const fault = FAULTS[asked] ?? (seen === undefined ? undefined : FAULTS[seen]);
	return fault === undefined ? undefined : `The ${name} ${id} ${fault}.`;
}

/** Remembers for the length of a run what became of attachments. */
export type AttachmentStates = RunCache<State>;

/**
 * Sentences about the attachments of a request that the server passed over in silence, as Open WebUI
 * does: unknown or forbidden ones, such without text, failed ones. Asks about each only when the
 * answer does not show that it was used.
 */
export async function attachmentFaults(
	context: IExecuteFunctions,
	states: AttachmentStates,
	files: unknown,
	sources: unknown,
	itemIndex: number,
): Promise<string[]> {
	const attachments: unknown[] = Array.isArray(files) ? files : [];
	const faults = await Promise.all(
		attachments.map(
			async (entry) => await faultOf(context, states, objectOf(entry), sources, itemIndex),
		),
	);
	return [...new Set(faults.filter((fault) => fault !== undefined))];
}
