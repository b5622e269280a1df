import type { KnowledgeBase } from '../shared/knowledge';
import type { Entry } from './entry';
import type { EventKind } from './judge';
import { judge, judgeGone } from './judge';
import type { ListMemory } from './memory';
import type { Settings } from './settings';
import type { Sighting } from './sighting';
import type { Look, WatchedList } from './watchedList';

/** What is different from what is remembered of a file; an event where it has a `kind`. */
export interface Change {
	listKey: string;
	id: string;
	/** What to remember from now on; undefined: nothing. */
	entry: Entry | undefined;
	kind?: EventKind;
	isUpdate?: boolean;
	filename?: string;
	base?: KnowledgeBase;
	/** Undefined for a removed file. */
	sighting?: Sighting;
}

/** A change that is an event. */
export type FileEvent = Change & { kind: EventKind };

/** Whether the change is an event for the user, and not only something to remember. */
export function isEvent(change: Change): change is FileEvent {
	return change.kind !== undefined;
}

/** Another user's files, or those of another server: nothing that is remembered fits them. */
function isForeign(memory: ListMemory, look: Look): boolean {
	const { owner } = memory;
	return owner !== undefined && look.owner !== undefined && owner !== look.owner;
}

function isNamed(entry: Entry | undefined, filename: string | undefined): boolean {
	return entry === undefined || entry.filename === filename;
}

function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
	return a?.phase === b?.phase && a?.mark === b?.mark && a?.doubt === b?.doubt && a?.doubtedSince === b?.doubtedSince;
}

/** Failures that were not looked for before are no news when the user begins to ask for them. */
function areFailuresOld(list: WatchedList, memory: ListMemory): boolean {
	return list.withFailures && !memory.withFailures;
}

function changeOf(
	list: WatchedList,
	memory: ListMemory,
	sighting: Sighting,
	settings: Settings,
): Change | undefined {
	const { id, filename } = sighting;
	const known = memory.entries.get(id);
	const isOld = areFailuresOld(list, memory);
	const verdict = judge(known, sighting, isOld);
	const kept = settings.events.has('removed') ? filename : undefined;
	if (verdict.kind === undefined && isSameEntry(known, verdict.entry) && isNamed(known, kept)) {
		return undefined;
	}
	const entry = verdict.entry && { ...verdict.entry, filename: kept };
	const kind = isOld && verdict.kind === 'failed' ? undefined : verdict.kind;
	return { ...verdict, kind, entry, id, filename, sighting, listKey: list.key, base: list.base };
}

/** What the trigger knows of a list before its first look: nothing, or all that is there already. */
export function firstMemory(list: WatchedList, look: Look, settings: Settings): ListMemory {
	const memory: ListMemory = {
		entries: new Map(),
		withFailures: list.withFailures,
		owner: look.owner,
	};
	if (settings.includeExisting) return memory;
	for (const sighting of look.sightings.values()) {
		const { entry } = judge(undefined, sighting, true);
		const filename = settings.events.has('removed') ? sighting.filename : undefined;
		if (entry) memory.entries.set(sighting.id, { ...entry, filename });
	}
	return memory;
}

/** What is remembered of a list, or the first memory of one that was never looked at. */
export function memoryOf(
	remembered: ListMemory | undefined,
	list: WatchedList,
	look: Look,
	settings: Settings,
): ListMemory {
	const isKnown = remembered !== undefined && !isForeign(remembered, look);
	return isKnown ? remembered : firstMemory(list, look, settings);
}

/** All changes between what is remembered of a list and a look at it. */
export function changesOf(
	list: WatchedList,
	memory: ListMemory,
	look: Look,
	settings: Settings,
): Change[] {
	const changes: Change[] = [];
	for (const [id, entry] of memory.entries) {
		if (look.sightings.has(id)) continue;
		const { filename } = entry;
		changes.push({ ...judgeGone(entry), id, filename, listKey: list.key, base: list.base });
	}
	for (const sighting of look.sightings.values()) {
		const change = changeOf(list, memory, sighting, settings);
		if (change) changes.push(change);
	}
	return changes;
}
