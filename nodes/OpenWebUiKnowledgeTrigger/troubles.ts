import type { IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { isObject } from '../shared/guards';
import { NOTHING_LOST } from './emptyBase';
import { triggerKey } from './oneAtATime';

/** A chosen knowledge base that cannot be watched at present. */
export interface Trouble {
	/** As the user knows the base: its name, or what was entered. */
	label: string;
	/** The key of its list; undefined where the base was chosen by a name that nothing has. */
	listKey?: string;
	error: unknown;
}

/** How long a trouble that stays the same is not told again. */
const QUIET_MS = 24 * 60 * 60 * 1000;

/** Statuses of a server, or a proxy before it, that answers nobody at present. */
const SERVER_AWAY = ['429', '502', '503', '504'];

/**
 * What was told last, by trigger. It is not in the trigger's memory, which a poll that throws leaves as it
 * was; after a restart of n8n a trouble is told once more.
 */
const told = new Map<string, { text: string; atMs: number }>();

/** Whether an error may be that of one knowledge base; else no other can be read either at present. */
function isOfOneBase(error: unknown): boolean {
	if (!isObject(error)) return false;
	if (error.name === 'NodeOperationError') return true;
	const status = String(error.httpCode ?? '');
	if (/^\d+$/.test(status)) return !SERVER_AWAY.includes(status);
	return error.description === NOTHING_LOST;
}

/** The trouble of one base. Throws the error itself when it is not that of one base. */
export function troubleOf(error: unknown, base: Omit<Trouble, 'error'>): Trouble {
	if (!isOfOneBase(error)) throw error;
	return { ...base, error };
}

function textOfTrouble({ label, error }: Trouble): string {
	const words = isObject(error) ? String(error.message) : String(error);
	return `"${label}" (${words})`;
}

/** What becomes of the others, and of what happens in the bases meanwhile. */
function descriptionOf(troubles: Trouble[], remembered: ReadonlyMap<string, unknown>): string {
	const others =
		remembered.size > 0
			? 'The trigger goes on with the others and says this once a day.'
			: 'Activate the workflow once more to watch the others.';
	const isRemembered = troubles.every(({ listKey }) => remembered.has(listKey ?? ''));
	const meanwhile = isRemembered
		? 'What happens in it meanwhile is told once it can be read again.'
		: 'The files that are in it when it can first be read count as there already.';
	return `${others} ${meanwhile} Take it out under Knowledge if it is gone.`;
}

/**
 * Throws a NodeOperationError that names the bases which cannot be watched, while others can: once, and again
 * when they are others or a day has passed. `remembered` are the lists that were read before, by key. To be called where a poll has no events to give, as an error
 * takes their place.
 */
export function tellTroubles(
	context: IPollFunctions,
	troubles: Trouble[],
	remembered: ReadonlyMap<string, unknown>,
): void {
	const key = triggerKey(context);
	const text = troubles.map(textOfTrouble).sort().join(', ');
	const last = told.get(key);
	if (last?.text === text && Date.now() - last.atMs < QUIET_MS) return;
	told.set(key, { text, atMs: Date.now() });
	const bases = troubles.length === 1 ? 'A knowledge base' : `${troubles.length} knowledge bases`;
	throw new NodeOperationError(context.getNode(), `${bases} cannot be watched: ${text}`, {
		description: descriptionOf(troubles, remembered),
	});
}

/** To be called when all bases could be read: what comes later is told at once. */
export function forgetTroubles(context: IPollFunctions): void {
	told.delete(triggerKey(context));
}
