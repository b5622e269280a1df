import type { IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import { RunCache } from '../shared/cache';
import { isObject, objectOf } from '../shared/guards';
import type { KnowledgeBase } from '../shared/knowledge';
import { resolveKnowledge } from '../shared/knowledge';
import { choiceOf } from '../shared/locator';
import { nameTest } from '../shared/namePattern';
import type { EventKind } from './judge';

const DEFAULT_LIMIT = 100;

/** What the user chose in the form. */
export interface Settings {
	/** The knowledge bases to watch; undefined for all files of the user. */
	bases?: KnowledgeBase[];
	events: Set<EventKind>;
	includeExisting: boolean;
	/** Most events of a poll. */
	limit: number;
	/** Whether a file of this name is wanted. */
	isWanted: (filename: string) => boolean;
	simplify: boolean;
}

async function chosenBases(context: IPollFunctions): Promise<KnowledgeBase[]> {
	const { values } = objectOf(context.getNodeParameter('knowledgeBases', {}));
	const rows = (Array.isArray(values) ? (values as unknown[]) : []).filter(isObject);
	const choices = rows.map(({ knowledge }) => choiceOf(knowledge));
	const cache = new RunCache<KnowledgeBase>();
	const bases = new Map<string, KnowledgeBase>();
	for (const choice of choices.filter(({ value }) => value !== '')) {
		const base = await resolveKnowledge(context, cache, choice);
		bases.set(base.id, base);
	}
	if (bases.size > 0) return [...bases.values()];
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
 * one is missing, a NodeApiError with the server's words when there is no such base.
 */
export async function settingsOf(context: IPollFunctions): Promise<Settings> {
	const options = objectOf(context.getNodeParameter('options', {}));
	const watchesBases = context.getNodeParameter('watch', 'files') === 'knowledge';
	return {
		events: chosenEvents(context),
		...(watchesBases ? { bases: await chosenBases(context) } : {}),
		includeExisting: options.includeExisting === true,
		limit: Math.max(1, Math.floor(Number(options.filesPerPoll ?? DEFAULT_LIMIT)) || DEFAULT_LIMIT),
		isWanted: nameTest(String(options.nameFilter ?? '').trim() || '*'),
		simplify: context.getNodeParameter('simplify', true) === true,
	};
}
