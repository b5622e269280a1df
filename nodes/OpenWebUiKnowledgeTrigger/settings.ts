import type { IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { isObject, objectOf, textOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { resolveKnowledge } from '../shared/knowledge';
import { choiceOf } from '../shared/locator';
import { nameTest } from '../shared/namePattern';
import type { EventKind } from './judge';
import type { Trouble } from './troubles';
import { troubleOf } from './troubles';

const DEFAULT_LIMIT = 100;

/** What the user chose in the form. */
export interface Settings {
	/** The knowledge bases to watch; undefined for all files of the user. */
	bases?: KnowledgeBase[];
	/** The chosen ones that the server does not give. */
	troubles: Trouble[];
	events: Set<EventKind>;
	includeExisting: boolean;
	/** Most events of a poll. */
	limit: number;
	/** Whether a file of this name is wanted. */
	isWanted: (filename: string) => boolean;
	simplify: boolean;
}

/** The chosen bases, and those that the server does not give. Throws when it gives none at all. */
async function chosenBases(
	context: IPollFunctions,
): Promise<{ bases: KnowledgeBase[]; troubles: Trouble[] }> {
	const { values } = objectOf(context.getNodeParameter('knowledgeBases', {}));
	const rows = (Array.isArray(values) ? (values as unknown[]) : []).filter(isObject);
	const choices = rows.map(({ knowledge }) => ({
		...choiceOf(knowledge),
		listedName: textOf(objectOf(knowledge).cachedResultName),
	}));
	const cache = new RunCache<KnowledgeBase>();
	const bases = new Map<string, KnowledgeBase>();
	const troubles: Trouble[] = [];
	for (const choice of choices.filter(({ value }) => value !== '')) {
		try {
			const base = await resolveKnowledge(context, cache, choice);
			bases.set(base.id, base);
		} catch (error) {
			const { mode, value, listedName } = choice;
			const listKey = mode === 'name' ? undefined : value;
			troubles.push(troubleOf(error, { label: listedName ?? value, listKey }));
		}
	}
	if (bases.size > 0) return { bases: [...bases.values()], troubles };
	const [first] = troubles;
	if (first) throw first.error;
	throw new NodeOperationError(context.getNode(), 'No knowledge base is chosen', {
		description: 'Add at least one under Knowledge, or set Watch to All My Files.',
	});
}

function chosenEvents(context: IPollFunctions): Set<EventKind> {
	const events = context.getNodeParameter('events', ['searchable']) as EventKind[];
	if (events.length > 0) return new Set(events);
	throw new NodeOperationError(context.getNode(), 'No event is chosen', {
		description: 'Choose at least one entry under Events.',
	});
}

/**
 * The choices in the form; knowledge bases are looked up on the server. Throws a NodeOperationError when
 * one is missing, a NodeApiError with the server's words when there is none of the bases.
 */
export async function settingsOf(context: IPollFunctions): Promise<Settings> {
	const options = objectOf(context.getNodeParameter('options', {}));
	const watchesBases = context.getNodeParameter('watch', 'files') === 'knowledge';
	return {
		events: chosenEvents(context),
		...(watchesBases ? await chosenBases(context) : { troubles: [] }),
		includeExisting: options.includeExisting === true,
		limit: Math.max(1, Math.floor(Number(options.filesPerPoll ?? DEFAULT_LIMIT)) || DEFAULT_LIMIT),
		isWanted: nameTest(String(options.nameFilter ?? '').trim() || '*'),
		simplify: context.getNodeParameter('simplify', true) === true,
	};
}
