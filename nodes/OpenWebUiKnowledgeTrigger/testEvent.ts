import type { IDataObject, IPollFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { FileEvent } from './changes';
import { isEvent } from './changes';
import { eventOutput } from './eventOutput';
import { judge } from './judge';
import type { Settings } from './settings';
import { settingsOf } from './settings';
import { lookAt, watchedLists } from './watchedList';

function nothingToShow(context: IPollFunctions, { events }: Settings): NodeOperationError {
	const onlyRemoved = events.size === 1 && events.has('removed');
	return new NodeOperationError(context.getNode(), 'There is no file to show as a test event', {
		description: onlyRemoved
			? 'Removed files cannot be shown: they are gone. Choose File Searchable as well for a test, or activate the workflow and remove a file.'
			: 'No file on the server fits Watch, Events and the File Name Filter. Upload one, or change the choice.',
	});
}

/** Everything that is there, as if it had just come. */
async function allEvents(context: IPollFunctions, settings: Settings): Promise<FileEvent[]> {
	const events: FileEvent[] = [];
	for (const list of watchedLists(settings)) {
		const { sightings } = await lookAt(context, list);
		for (const sighting of sightings.values()) {
			const { id, filename } = sighting;
			const verdict = judge(undefined, sighting, true);
			const change = { ...verdict, id, filename, sighting, listKey: list.key, base: list.base };
			if (isEvent(change)) events.push(change);
		}
	}
	return events;
}

/**
 * The newest real file of each chosen event, for building a workflow. Nothing is remembered: the same file
 * still starts an active workflow. Throws a NodeOperationError when there is none.
 */
export async function testEvents(context: IPollFunctions): Promise<IDataObject[]> {
	const settings = await settingsOf(context);
	// Who builds a workflow is to see at once what is wrong with the choice.
	const [trouble] = settings.troubles;
	if (trouble) throw trouble.error;
	const fitting = (await allEvents(context, settings))
		.filter(({ kind, filename }) => settings.events.has(kind) && settings.isWanted(filename ?? ''))
		.sort((a, b) => (b.sighting?.changedAt ?? 0) - (a.sighting?.changedAt ?? 0));
	const newest = [...settings.events]
		.map((kind) => fitting.find((event) => event.kind === kind))
		.filter((event): event is FileEvent => event !== undefined);
	if (newest.length === 0) throw nothingToShow(context, settings);
	return newest.map((event) => eventOutput(event, settings.simplify));
}
