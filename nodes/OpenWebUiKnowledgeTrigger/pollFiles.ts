import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import type { Change, FileEvent } from './changes';
import { changesOf, isEvent, memoryOf } from './changes';
import { eventOutput } from './eventOutput';
import type { ListMemory } from './memory';
import { recall, remember } from './memory';
import type { Settings } from './settings';
import { settingsOf } from './settings';
import type { Trouble } from './troubles';
import { forgetTroubles, tellTroubles, troubleOf } from './troubles';
import { lookAt, watchedLists } from './watchedList';

/** Removed files first, so that a replaced one leaves an index before its successor comes; then by age. */
function inOrder(a: FileEvent, b: FileEvent): number {
	const byTime = (a.sighting?.changedAt ?? 0) - (b.sighting?.changedAt ?? 0);
	return byTime !== 0 ? byTime : (a.filename ?? '').localeCompare(b.filename ?? '');
}

function isWanted(change: Change, { events, isWanted: fits }: Settings): change is FileEvent {
	if (!isEvent(change) || !events.has(change.kind)) return false;
	return fits(change.filename ?? '');
}

function apply(lists: Map<string, ListMemory>, { listKey, id, entry }: Change): void {
	const entries = lists.get(listKey)?.entries;
	if (entry) entries?.set(id, entry);
	else entries?.delete(id);
}

/** What a look at all chosen lists shows. */
interface Round {
	/** What to remember, before the changes. */
	lists: Map<string, ListMemory>;
	changes: Change[];
	/** The bases that could not be read. */
	troubles: Trouble[];
}

/** Looks at all chosen lists. Throws when none can be read. */
async function lookAround(
	context: IPollFunctions,
	settings: Settings,
	remembered: Map<string, ListMemory>,
): Promise<Round> {
	const round: Round = { lists: new Map(), changes: [], troubles: [...settings.troubles] };
	for (const list of watchedLists(settings)) {
		const { key, base, withFailures } = list;
		try {
			const look = await lookAt(context, list, remembered.get(key));
			const memory = memoryOf(remembered.get(key), list, look, settings);
			round.changes.push(...changesOf(list, memory, look, settings));
			round.lists.set(key, { ...memory, withFailures, owner: look.owner ?? memory.owner });
		} catch (error) {
			round.troubles.push(troubleOf(error, { label: base?.name ?? key, listKey: key }));
		}
	}
	const [first] = round.troubles;
	if (first && round.lists.size === 0) throw first.error;
	return round;
}

/** Keeps what is remembered of bases that could not be read; all that is, where nobody knows which these are. */
function keepUnread({ lists, troubles }: Round, remembered: Map<string, ListMemory>): void {
	const unread = new Set(troubles.map(({ listKey }) => listKey));
	for (const [key, memory] of remembered) {
		if (!lists.has(key) && (unread.has(key) || unread.has(undefined))) lists.set(key, memory);
	}
}

/**
 * Looks at the chosen lists and gives an output for each event since the last poll, at most as many as the
 * user allows; the others are left for the next poll. What was seen is remembered in the node's static data
 * at the very end: a poll that throws leaves everything to the next one. A base that cannot be read does
 * not hold up the others; a poll without events throws a NodeOperationError that names it, once a day.
 */
export async function pollFiles(context: IPollFunctions): Promise<IDataObject[]> {
	const settings = await settingsOf(context);
	const staticData = context.getWorkflowStaticData('node');
	const remembered = recall(staticData);
	const round = await lookAround(context, settings, remembered);
	const { lists, changes, troubles } = round;
	const wanted = changes.filter((change) => isWanted(change, settings)) as FileEvent[];
	if (troubles.length === 0) forgetTroubles(context);
	else if (wanted.length === 0) tellTroubles(context, troubles, remembered);
	const taken = wanted.sort(inOrder).slice(0, settings.limit);
	const left = new Set<Change>(wanted.slice(settings.limit));
	for (const change of changes) if (!left.has(change)) apply(lists, change);
	keepUnread(round, remembered);
	remember(staticData, lists);
	return taken.map((event) => eventOutput(event, settings.simplify));
}
