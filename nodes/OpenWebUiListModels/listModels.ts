import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';

import { entriesOf } from '../shared/guards';
import { sourceOf, toModel } from '../shared/models';
import { optionsOf } from '../shared/options';
import { openWebUiRequest } from '../shared/transport';

/** The models of the server that pass the filters of an item, in the order of the server. */
export async function listModels(
	context: IExecuteFunctions,
	itemIndex: number,
): Promise<IDataObject[]> {
	const options = optionsOf(context, itemIndex);
	const body = await openWebUiRequest(context, {
		path: '/api/models',
		qs: options.refresh === true ? { refresh: true } : undefined,
		itemIndex,
	});
	const source = String(options.source ?? 'all');
	const words = String(options.nameFilter ?? '')
		.trim()
		.toLowerCase();
	const models = entriesOf(body)
		.filter((model) => source === 'all' || sourceOf(model) === source)
		.filter(({ id, name }) => `${String(id)}\n${String(name ?? '')}`.toLowerCase().includes(words));
	const returnAll = context.getNodeParameter('returnAll', itemIndex) as boolean;
	const limit = returnAll
		? models.length
		: (context.getNodeParameter('limit', itemIndex) as number);
	const simplify = context.getNodeParameter('simplify', itemIndex) as boolean;
	return models.slice(0, limit).map((model) => (simplify ? { ...toModel(model) } : model));
}
