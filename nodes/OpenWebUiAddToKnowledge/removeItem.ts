import type { IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

import type { Place } from './jobs';
import { fileIdOf, requiredText } from './jobs';
import { deleteLinked, unlinkFile } from './links';
import type { Outcome } from './outcome';
import type { RunState } from './runState';

/** What an item names: one file, or all files of a name. */
interface Target {
	fileIds: string[];
	fileId?: string;
	filename?: string;
}

function targetOf(context: IExecuteFunctions, place: Place): Target {
	const { files, itemIndex } = place;
	if (context.getNodeParameter('identifyBy', itemIndex, 'id') !== 'name') {
		const fileId = fileIdOf(context, itemIndex);
		return { fileIds: files.linked.has(fileId) ? [fileId] : [], fileId };
	}
	const help = 'It takes the name of a file in the knowledge base, in upper and lower case.';
	const field = { name: 'fileName', label: 'File Name', help };
	const filename = requiredText(context, field, itemIndex).normalize('NFC');
	const found = [...files.linked].filter(([, file]) => file.filename?.normalize('NFC') === filename);
	return { fileIds: found.map(([id]) => id), filename };
}

function absentError(context: IExecuteFunctions, place: Place, target: Target): NodeOperationError {
	const { files, itemIndex } = place;
	const what = target.filename === undefined ? String(target.fileId) : `"${target.filename}"`;
	return new NodeOperationError(
		context.getNode(),
		`The file ${what} is not in the knowledge base "${files.base.name}"`,
		{ description: 'Options > If Not There decides what to do.', itemIndex },
	);
}

/**
 * Takes the file of an item, or all files of a name, out of its knowledge base and notes what was done.
 * A file that is not there is no fault unless the option says so, also when somebody else took it out
 * just now.
 */
export async function removeItem(
	context: IExecuteFunctions,
	state: RunState,
	place: Place,
	outcomes: Outcome[],
): Promise<void> {
	const { files, options, timeoutMs, itemIndex } = place;
	const { base } = files;
	await files.confirmEmpty(context, itemIndex);
	const { fileIds, ...target } = targetOf(context, place);
	for (const fileId of fileIds) {
		const { filename } = files.linked.get(fileId) ?? {};
		const link = { files, fileId, filename, timeoutMs, itemIndex };
		const isRemoved =
			options.deleteFile === true
				? await deleteLinked(context, state, link)
				: await unlinkFile(context, link);
		outcomes.push({ base, action: isRemoved ? 'removed' : 'absent', fileId, filename, itemIndex });
	}
	if (fileIds.length > 0) return;
	if (options.ifAbsent === 'fail') throw absentError(context, place, { ...target, fileIds });
	outcomes.push({ base, action: 'absent', ...target, itemIndex });
}
