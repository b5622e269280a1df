import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';

/** Throws a NodeOperationError when nothing was found that the answer could rest on. */
export function assertSources(
	context: IExecuteFunctions,
	sources: IDataObject[],
	itemIndex: number,
): void {
	if (sources.length > 0) return;
	throw new NodeOperationError(context.getNode(), 'Nothing was found in the knowledge and files', {
		description:
			'Options > No Answer Without Sources is on. Check that knowledge or files are chosen, that the files are processed, and that the user of the API key may read them.',
		itemIndex,
	});
}
