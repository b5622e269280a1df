import type { RequestContext } from '../shared/context';
import type { KnowledgeBase } from '../shared/knowledge';
import type { ListMemory } from './memory';
import { readKnowledgeFiles } from './knowledgeFiles';
import { readDoubtfulTexts } from './doubtfulTexts';
import { lookSurely } from './look';
import { readOwnFiles } from './ownFiles';
import type { Settings } from './settings';
import type { Sighting } from './sighting';

/** A list of files that is watched: all of the user, or those of one knowledge base. */
export interface WatchedList {
	/** Under which it is remembered. */
	key: string;
	base?: KnowledgeBase;
	/** Whether failed files are looked for; where they cost nothing they always are. */
	withFailures: boolean;
}

/** What a look at a list shows. */
export interface Look {
	sightings: Map<string, Sighting>;
	owner?: string;
}

const OWN_FILES_KEY = 'files';

/** The lists that the user chose. */
export function watchedLists({ bases, events }: Settings): WatchedList[] {
	if (bases === undefined) return [{ key: OWN_FILES_KEY, withFailures: true }];
	return bases.map((base) => ({ key: base.id, base, withFailures: events.has('failed') }));
}

/**
 * Looks at a list: what it shows was there, and what is remembered but not shown is gone. `memory`
 * is undefined at the first look. Throws with the server's words, or when the server contradicts itself.
 */
export async function lookAt(
	context: RequestContext,
	list: WatchedList,
	memory?: ListMemory,
): Promise<Look> {
	const { base, withFailures } = list;
	const known = memory?.entries ?? new Map<string, never>();
	if (base === undefined) {
		let owner: string | undefined;
		const { sightings } = await lookSurely(async () => {
			const files = await readOwnFiles(context);
			owner = files.owner;
			return files;
		}, known);
		await readDoubtfulTexts(context, sightings, known);
		return { sightings, owner };
	}
	const { sightings } = await lookSurely(
		async () => await readKnowledgeFiles(context, base, withFailures, memory?.entries),
		known,
	);
	await readDoubtfulTexts(context, sightings, known);
	return { sightings };
}
