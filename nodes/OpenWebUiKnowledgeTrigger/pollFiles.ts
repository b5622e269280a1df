import type { IDataObject, IPollFunctions } from 'n8n-workflow';

import type { Change, FileEvent } from './changes';
import { changesOf, isEvent, memoryOf } from './changes';
import { eventOutput } from './eventOutput';
import type { ListMemory } from './memory';
import { recall, remember } from './memory';
import type { Settings } from './settings';
import { settingsOf } from './settings';
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

/**
 * Looks at the chosen lists and gives an output for each event since the last poll, at most as many as the
 * user allows; the others are left for the next poll. What was seen is remembered in the node's static data
 * at the very end: a poll that throws leaves everything to the next one.
 */
export async function pollFiles(context: IPollFunctions): Promise<IDataObject[]> {
	const settings = await settingsOf(context);
	const staticData = context.getWorkflowStaticData('node');
	const remembered = recall(staticData);
	const lists = new Map<string, ListMemory>();
	const changes: Change[] = [];
	for (const list of watchedLists(settings)) {
		const look = await lookAt(context, list, remembered.get(list.key));
		const memory = memoryOf(remembered.get(list.key), list, look, settings);
		changes.push(...changesOf(list, memory, look, settings));
		const { withFailures } = list;
		lists.set(list.key, { ...memory, withFailures, owner: look.owner ?? memory.owner });
	}
	const wanted = changes.filter((change) => isWanted(change, settings)) as FileEvent[];
	const taken = wanted.sort(inOrder).slice(0, settings.limit);
	const left = new Set<Change>(wanted.slice(settings.limit));
	for (const change of changes) if (!left.has(change)) apply(lists, change);
	remember(staticData, lists);
	return taken.map((event) => eventOutput(event, settings.simplify));
}
